import { type ProxyServer, parseProxy } from "../network";
import type { ExecPlugin, KubeCluster, KubeUser } from "./kubeconfig";

/**
 * What client-go refuses in a cluster, as the rest of a sentence about it, with the remedy; undefined if it takes the cluster.
 *
 * @see https://github.com/kubernetes/client-go/blob/master/tools/clientcmd/validation.go
 */
export function clusterFault({ caData, caFile, insecureSkipTlsVerify, proxyUrl }: KubeCluster): string | undefined {
  if (insecureSkipTlsVerify && (caData ?? caFile) !== undefined) {
    return "has insecure-skip-tls-verify: true and a certificate authority; remove one of them";
  }
  if (caData !== undefined && caFile !== undefined) {
    return "has certificate-authority-data and certificate-authority; remove one of them";
  }
  return proxyUrl !== undefined && proxyIn(proxyUrl) === undefined
    ? "has a proxy-url that is not a URL with http, https or socks5; correct it"
    : undefined;
}

/** The proxy that a `proxy-url` names; undefined for what client-go refuses. */
export function proxyIn(proxyUrl: string): ProxyServer | undefined {
  return parseProxy(proxyUrl, ["http", "https", "socks5"]);
}

/** What it refuses in a user. */
export function userFault(user: KubeUser): string | undefined {
  const { token, tokenFile, username, password, certData, certFile, keyData, keyFile, impersonate, exec } = user;
  const hasCertificate = (certData ?? certFile) !== undefined;
  if (
    (token !== undefined && (username ?? password) !== undefined) ||
    (tokenFile !== undefined && username !== undefined)
  ) {
    return "has a token and a username or password; remove one of them";
  }
  if (certData !== undefined && certFile !== undefined) {
    return "has client-certificate-data and client-certificate; remove one of them";
  }
  if (hasCertificate && keyData !== undefined && keyFile !== undefined) {
    return "has client-key-data and client-key; remove one of them";
  }
  if (hasCertificate && (keyData ?? keyFile) === undefined) {
    return "has a client certificate without its key; add client-key-data or client-key";
  }
  if (impersonate?.user === "") {
    return "has as-uid, as-groups or as-user-extra without the user to impersonate; add as, or remove them";
  }
  if (exec !== undefined && user.authProvider !== undefined) {
    return "has exec and auth-provider; remove one of them";
  }
  if (user.authProvider !== undefined && user.authProvider["name"] !== "oidc") {
    return "has an auth-provider other than oidc, which kubectl knows no more; give it an exec plugin, such as gke-gcloud-auth-plugin or kubelogin";
  }
  return exec === undefined ? undefined : execFault(exec);
}

function execFault({ command, apiVersion, env, interactiveMode }: ExecPlugin): string | undefined {
  if (command === "") {
    return "has exec without a command; add it";
  }
  if (!apiVersions.includes(apiVersion)) {
    return `has exec with an apiVersion other than ${apiVersions.join(" and ")}; correct it`;
  }
  if (Object.hasOwn(env, "")) {
    return "has exec with an env variable without a name; name it";
  }
  // Only the older version has a default.
  const isGiven = interactiveMode !== undefined || apiVersion !== apiVersions[0];
  return isGiven && ["Never", "IfAvailable", "Always", undefined].includes(interactiveMode)
    ? undefined
    : "has exec with an interactiveMode other than Never, IfAvailable and Always; add or correct it, for example interactiveMode: Never";
}

const apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
