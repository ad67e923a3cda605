import { createRequire } from "node:module";
import type { Published } from "./schema";

/** What package.json says of the package that the plugin is part of. */
export interface Manifest {
  readonly version: string;
  readonly homepage?: string;
  readonly repository?: { readonly url: string };
}

/** The package.json of this package, or of the packed plugin. */
export function manifest(): Manifest {
  return createRequire(__filename)("pulumi-aws-auth/package.json");
}

/**
 * Where a version is published, for its schema. Pulumi downloads the plugin from the releases of that repository. A version that names no
 * repository has not been published: it is installed by hand.
 */
export function published({ homepage, repository }: Manifest): Published {
  const [, host = "", path = ""] =
    /^(?:git\+)?https:\/\/([\w.-]+)\/([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(repository?.url ?? "") ?? [];
  return {
    ...(homepage !== undefined && { homepage }),
    ...(host !== "" && { repository: `https://${host}/${path}` }),
    ...(host === "github.com" && { pluginDownloadURL: `github://api.github.com/${path}` }),
  };
}
