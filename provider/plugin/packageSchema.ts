import type { PackageJson } from "../pulumi/versions";
import schema from "./schema.json";

/**
 * The schema of a version of the package. Pulumi downloads the plugin from the releases of the repository in
 * package.json, which an unpublished version lacks.
 */
export function schemaOf({ version, homepage, repository }: PackageJson) {
  const [, host, path] =
    /^(?:git\+)?https:\/\/([\w.-]+)\/([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(repository?.url ?? "") ?? [];
  return {
    ...schema,
    version,
    config: { variables: schema.provider.inputProperties },
    ...(homepage !== undefined && { homepage }),
    ...(host !== undefined && { repository: `https://${host}/${path}` }),
    ...(host === "github.com" && { pluginDownloadURL: `github://api.github.com/${path}` }),
  };
}
