import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../provider/cluster";
import { isKubeconfigContent } from "../provider/cluster/clusterInput";
import { describeUnknownSettings } from "../provider/cluster/settings";
import { warn } from "./messages";

const key = "kubeconfig";

/**
 * Warns of a kubeconfig whose content the stack's configuration holds in clear: the engine copies the configuration into the
 * state as it is, and no provider is told what in it is a secret.
 */
function warnOfClearKubeconfig(): void {
  const config = new pulumi.Config("aws-auth");
  if (isSecret(`aws-auth:${key}`) || !isKubeconfigContent(config.get(key) ?? "")) {
    return;
  }
  warn(
    `aws-auth:${key} holds the content of a kubeconfig in clear, and so will the state; set it with --secret, or set a path`,
  );
}

/** Pulumi exports the function without its type. Where there is none, nothing is said. */
function isSecret(fullKey: string): boolean {
  const { runtime } = pulumi;
  return (
    !("isConfigSecret" in runtime && typeof runtime.isConfigSecret === "function") || runtime.isConfigSecret(fullKey)
  );
}

/** A process may run the programs of several stacks, one after the other. */
const checked = new Set<string>();

/** Warns, once for a stack, of configuration that has no effect, or that shows a secret. */
export function checkSettings(): void {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  if (checked.has(`${project}/${stack}`)) {
    return;
  }
  checked.add(`${project}/${stack}`);
  for (const warning of describeUnknownSettings(Object.keys(pulumi.runtime.allConfig()), project)) {
    void warn(warning);
  }
  warnOfClearKubeconfig();
}

/** How the stack that runs the program is configured. */
export function stackSettings(): Settings {
  return { config: (key) => pulumi.runtime.getConfig(key), env: process.env, cwd: process.cwd() };
}
