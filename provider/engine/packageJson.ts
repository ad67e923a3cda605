import { createRequire } from "node:module";

/** What package.json says of this package. */
export interface PackageJson {
  readonly version: string;
  readonly homepage?: string;
  readonly repository?: { readonly url: string };
}

/** The package.json of this package, or of the packed plugin. */
export function packageJson(): PackageJson {
  return createRequire(__filename)("pulumi-aws-auth/package.json");
}
