import type { OutgoingHttpHeaders } from "node:http";
import type { KubeTarget } from "./kubeconfig";

/**
 * The headers of a user with an `auth-provider` (OIDC, and the older ways of other clouds). Only such users need
 * `@kubernetes/client-node`, which takes half a second to load.
 */
export async function authProviderHeaders(target: KubeTarget): Promise<OutgoingHttpHeaders> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const { cluster, user } = target;
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromString(
    JSON.stringify({
      clusters: [{ name: cluster.name, cluster: { server: cluster.server, "insecure-skip-tls-verify": true } }],
      users: [{ name: user?.name, user: { "auth-provider": user?.authProvider } }],
      contexts: [{ name: target.context, context: { cluster: cluster.name, user: user?.name } }],
      "current-context": target.context,
    }),
  );
  const options: { headers?: OutgoingHttpHeaders } = {};
  await kubeconfig.applyToHTTPSOptions(options);
  return options.headers ?? {};
}
