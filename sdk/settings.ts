import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../provider/cluster";
import { isKubeconfigContent } from "../provider/cluster/clusterInput";
import { describeUnknownSettings } from "../provider/cluster/settings";
import { userError, warn } from "./messages";

const key = "kubeconfig";

/**
 * Warns if the stack's configuration contains the content of a kubeconfig unencrypted: the engine copies the configuration to the
 * state as it is, and providers cannot see which values are secret.
 */
function warnOfClearKubeconfig(): void {
  const config = new pulumi.Config("aws-auth");
  if (isSecret(`aws-auth:${key}`) || !isKubeconfigContent(config.get(key) ?? "")) {
    return;
  }
  warn(
    `aws-auth:${key} holds the content of a kubeconfig in plain text, and so will the state; set it with --secret, or set a path`,
  );
}

/** Pulumi exports the function without its type. If it is missing, there is no warning. */
function isSecret(fullKey: string): boolean {
  const { runtime } = pulumi;
  return (
    !("isConfigSecret" in runtime && typeof runtime.isConfigSecret === "function") || runtime.isConfigSecret(fullKey)
  );
}

/** A process may run programs of several stacks, one after the other. */
const checked = new Set<string>();

/**
 * Looks at the configuration of each stack once: warns if it exposes a secret.
 *
 * @throws RunError for a misspelt setting.
 */
export function checkSettings(): void {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  if (checked.has(`${project}/${stack}`)) {
    return;
  }
  const unknown = describeUnknownSettings(Object.keys(pulumi.runtime.allConfig()), project);
  if (unknown.length > 0) {
    throw userError(unknown.join("\n"));
  }
  checked.add(`${project}/${stack}`);
  warnOfClearKubeconfig();
}

/** The settings of the stack that runs the program. */
export function stackSettings(): Settings {
  return { config: (key) => pulumi.runtime.getConfig(key), env: process.env, cwd: process.cwd() };
}
