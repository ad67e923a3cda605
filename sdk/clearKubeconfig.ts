import * as pulumi from "@pulumi/pulumi";
import { isKubeconfigContent } from "../provider/cluster/ref/kubeconfigContent";

const key = "kubeconfig";

/**
 * Warns of a kubeconfig whose content the stack's configuration holds in clear: the engine copies the configuration into the
 * state as it is, and no provider is told what in it is a secret.
 */
export function warnOfClearKubeconfig(): void {
  const config = new pulumi.Config("aws-auth");
  if (isSecret(`aws-auth:${key}`) || !isKubeconfigContent(config.get(key) ?? "")) {
    return;
  }
  pulumi.log.warn(
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
