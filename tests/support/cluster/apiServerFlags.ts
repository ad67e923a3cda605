import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What one start of the API server depends on. */
export interface ApiServerSettings {
  /** Temporary directory for keys and certificates. */
  readonly directory: string;
  readonly port: number;
  readonly etcdPort: number;
  /** Content of the static token file. */
  readonly tokenFile: string;
  /** Kubeconfig that names a TokenReview webhook, such as aws-iam-authenticator; v1 reviews. */
  readonly authenticationTokenWebhookConfigFile?: string | undefined;
  /** Further flags, after ours. */
  readonly extraFlags?: readonly string[] | undefined;
}

/** Writes the files the API server reads and returns its flags. */
export function prepareApiServer(settings: ApiServerSettings): string[] {
  const { directory, authenticationTokenWebhookConfigFile: webhook } = settings;
  const tokens = join(directory, "tokens.csv");
  const serviceAccountKey = join(directory, "service-account.key");
  writeFileSync(tokens, settings.tokenFile, { mode: 0o600 });
  writeFileSync(serviceAccountKey, makeKey(), { mode: 0o600 });
  return [
    `--etcd-servers=http://127.0.0.1:${settings.etcdPort}`,
    "--bind-address=127.0.0.1",
    // Without it the API server looks for a default route, which a machine without a network lacks.
    "--advertise-address=127.0.0.1",
    `--secure-port=${settings.port}`,
    `--cert-dir=${certificateDirectory(directory)}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.0.0.0/24",
    // There is no controller that would give namespaces their service accounts.
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
    ...(webhook === undefined
      ? []
      : [`--authentication-token-webhook-config-file=${webhook}`, "--authentication-token-webhook-version=v1"]),
    ...(settings.extraFlags ?? []),
  ];
}

/** The certificate that the API server makes for itself at start; it holds its own CA. */
export function certificateFile(directory: string): string {
  return join(certificateDirectory(directory), "apiserver.crt");
}

function certificateDirectory(directory: string): string {
  return join(directory, "certificates");
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // The API server derives the public key from this form, and not from PKCS #8.
  return privateKey.export({ type: "sec1", format: "pem" }).toString();
}
