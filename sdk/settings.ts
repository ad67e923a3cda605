import * as pulumi from "@pulumi/pulumi";
import { isKubeconfigContent } from "../provider/cluster/clusterInput";
import { type Settings, settingProblem } from "../provider/cluster/settings";
import { printable } from "../provider/text/text";
import { showWarning, userError } from "./programErrors";

/** A process may run the programs of several stacks in sequence. */
const checked = new Set<string>();

/** Checks the settings once per stack. */
export function checkSettings(): void {
  const [project, stack] = [pulumi.getProject(), `${pulumi.getProject()}/${pulumi.getStack()}`];
  if (checked.has(stack)) {
    return;
  }
  const problems = Object.keys(pulumi.runtime.allConfig()).flatMap((key) => {
    const [, name] = /^aws-auth:(?:config:)?(.+)$/s.exec(key) ?? [];
    return name === undefined ? [] : (settingProblem(name, project) ?? []);
  });
  if (problems.length > 0) {
    throw userError(printable(problems.join("; and ")));
  }
  checked.add(stack);
  // The engine copies the configuration to the state unchanged, and providers cannot see which values are secret.
  const key = "aws-auth:kubeconfig";
  if (isKubeconfigContent(pulumi.runtime.getConfig(key) ?? "") && !isSecretSetting(key)) {
    void showWarning(
      `${key} contains a kubeconfig in plain text, and the state stores it too; set it with --secret, or set a path`,
    );
  }
}

/** Returns the settings of the stack that runs the program, after checking them. */
export function checkedSettings(): Settings {
  checkSettings();
  return { config: (key) => pulumi.runtime.getConfig(key), env: process.env, cwd: process.cwd() };
}

/** Pulumi exports the function without its type. Without the function, there is no warning. */
function isSecretSetting(key: string): boolean {
  const { runtime } = pulumi;
  return !("isConfigSecret" in runtime && typeof runtime.isConfigSecret === "function") || runtime.isConfigSecret(key);
}
