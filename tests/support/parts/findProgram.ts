import { join, resolve } from "node:path";
import { isExecutable } from "./executables.ts";
import { PartError } from "./partError.ts";

/**
 * A Kubernetes program in the folder that `KUBEBUILDER_ASSETS` names, as users of envtest set it.
 *
 * @throws PartError when the variable is set and its folder lacks the program: a wrong setting must not be passed over.
 */
export function findInKubebuilderAssets(program: string): string | undefined {
  const { KUBEBUILDER_ASSETS: folder } = process.env;
  if (folder === undefined || folder === "") return undefined;
  const file = join(resolve(folder), program);
  if (isExecutable(file)) return file;
  throw new PartError(`KUBEBUILDER_ASSETS is "${folder}", but there is no program ${file}`);
}
