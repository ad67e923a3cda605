import type { PackageJson } from "../engine/packageJson";
import type { Published } from "./schema";

/**
 * Where a version is published, for its schema. Pulumi downloads the plugin from the releases of that repository. A version that names no
 * repository has not been published: it is installed by hand.
 */
export function published({ homepage, repository }: PackageJson): Published {
  const [, host = "", path = ""] =
    /^(?:git\+)?https:\/\/([\w.-]+)\/([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(repository?.url ?? "") ?? [];
  return {
    ...(homepage !== undefined && { homepage }),
    ...(host !== "" && { repository: `https://${host}/${path}` }),
    ...(host === "github.com" && { pluginDownloadURL: `github://api.github.com/${path}` }),
  };
}
