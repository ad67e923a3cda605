import type { ClusterRef } from "../provider/cluster";
import { assertReadable, dataKeys } from "../provider/document";
import { type NamedCluster, readLiveMap } from "./cluster";
import { type ExitCode, exitCode } from "./commandLine";
import { planImport } from "./importPlan";
import { comment, renderClusterConfig, renderProgram } from "./importProgram";
import type { ImportOptions } from "./options";
import type { Terminal } from "./terminal";

/**
 * `import`: writes the program or the eksctl file that takes over the live map.
 *
 * @throws CommandFailure or AwsAuthError if the map cannot be read.
 */
export async function runImport(options: ImportOptions, terminal: Terminal): Promise<ExitCode> {
  const { document, named, ref, label } = await readLiveMap(options, terminal);
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  const items = planImport(document);
  if (options.format === "eksctl") {
    terminal.out(renderClusterConfig(items, ref, label));
  } else if (options.format === "pulumi-import") {
    const { text, left } = (await import("./importFile.js")).renderImportFile(items);
    terminal.out(text);
    for (const line of left) {
      terminal.err(`${comment("#", line)}\n`);
    }
  } else {
    terminal.out(renderProgram(items, inFull(named, ref), label));
  }
  return exitCode.done;
}

/**
 * Where and when the program runs, the environment may say another region, and have credentials of another account, and another context may
 * be the current one.
 */
function inFull(named: NamedCluster, ref: ClusterRef): NamedCluster {
  if ("name" in named) {
    return ref.kind === "eks" && ref.name === named.name
      ? { ...named, region: ref.region, ...(ref.account !== undefined && { account: ref.account }) }
      : named;
  }
  if ("manifest" in named || ref.kind !== "kubeconfig") {
    return named;
  }
  return { ...named, ...(ref.context !== undefined && { context: ref.context }) };
}
