import * as pulumi from "@pulumi/pulumi";
import { describeUnknownSettings } from "../provider/cluster/settingNames";
import { warnOfClearKubeconfig } from "./clearKubeconfig";

/** A process may run the programs of several stacks, one after the other. */
const checked = new Set<string>();

/** Warns, once for a stack, of configuration that has no effect, or that shows a secret. */
export function checkSettings(): void {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  if (checked.has(`${project}/${stack}`)) return;
  checked.add(`${project}/${stack}`);
  for (const warning of describeUnknownSettings(Object.keys(pulumi.runtime.allConfig()), project)) {
    void pulumi.log.warn(warning);
  }
  warnOfClearKubeconfig();
}
