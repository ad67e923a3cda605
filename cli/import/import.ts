import { assertReadable, dataKeys } from "../../provider/document";
import { readLiveMap } from "../cluster";
import { type ExitCode, exitCode } from "../commandLine";
import type { ImportOptions } from "../options";
import type { Terminal } from "../terminal";
import { planImport } from "./importPlan";
import { renderProgram } from "./programText";

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
    const { renderClusterConfig } = await import("./clusterConfigText.js");
    terminal.out(renderClusterConfig(items, ref, label));
  } else {
    terminal.out(renderProgram(items, named, label));
  }
  return exitCode.done;
}
