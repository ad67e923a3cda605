import { createRequire } from "node:module";

/** The version of this package, as its package.json says. */
export function packageVersion(): string {
  const manifest: { readonly version: string } = createRequire(__filename)("pulumi-aws-auth/package.json");
  return manifest.version;
}
