import { join, resolve } from "node:path";
import { isExecutable } from "./executables.ts";
import { PartError } from "./partError.ts";

/**
 * A Kubernetes program in the directory that `KUBEBUILDER_ASSETS` names, as users of envtest set it.
 *
 * @throws PartError when the variable is set and its directory lacks the program: a wrong setting must not be passed over.
 */
export function findInKubebuilderAssets(program: string): string | undefined {
  const { KUBEBUILDER_ASSETS: directory } = process.env;
  if (directory === undefined || directory === "") {
    return undefined;
  }
  const file = join(resolve(directory), program);
  if (isExecutable(file)) {
    return file;
  }
  throw new PartError(`KUBEBUILDER_ASSETS is "${directory}", but there is no program ${file}`);
}
