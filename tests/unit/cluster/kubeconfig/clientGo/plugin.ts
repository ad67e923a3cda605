export const v1 = "client.authentication.k8s.io/v1";
export const v1beta1 = "client.authentication.k8s.io/v1beta1";
/** In a kubeconfig beside it. */
export const exec = { apiVersion: v1, command: "./plugin", interactiveMode: "Never" };

/** A credential plugin that writes down how it was called, and prints a credential. */
export const plugin = `#!/bin/sh
printf '%s\\n%s\\n' "$(printf %s "$KUBERNETES_EXEC_INFO")" "$* $MINE" >> "$(dirname "$0")/ran"
cat "$(dirname "$0")/credential"
`;

/** What the plugin prints. */
export function credentialOf(status: object, apiVersion = v1): string {
  return JSON.stringify({ kind: "ExecCredential", apiVersion, status });
}
