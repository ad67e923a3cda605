import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureParts } from "../parts/ensureParts.ts";
import { type ApiRequest, createApiClient } from "./apiClient.ts";
import { certificateFile } from "./apiServerFlags.ts";
import { renderKubeconfig } from "./kubeconfig.ts";
import { startServers } from "./startServers.ts";
import { adminName, type ClusterUser, completeUsers, type KnownUser, renderTokenFile } from "./users.ts";

/** What a test may want of its cluster; everything has a default. */
export interface ClusterOptions {
  /** Users besides the admin; they may do what RBAC objects made by the test allow. */
  readonly users?: readonly ClusterUser[];
  /** Kubeconfig file of a TokenReview webhook, such as aws-iam-authenticator. */
  readonly authenticationTokenWebhookConfigFile?: string;
  /** Further kube-apiserver flags. */
  readonly extraFlags?: readonly string[];
  /** How long a start may take, in milliseconds; default 200,000. */
  readonly timeoutMs?: number;
}

/** A real API server with its etcd, for one test file or one run. */
export interface TestCluster {
  /** `https://127.0.0.1:<port>`. */
  readonly server: string;
  /** PEM file with the certificate authority. */
  readonly caFile: string;
  /** The same, base64 as in a kubeconfig and in EKS's `certificateAuthority.data`. */
  readonly caData: string;
  /** Bearer token of the admin, a member of system:masters. */
  readonly adminToken: string;
  /** Bearer token of a user. */
  token(user: string): string;
  /** Kubeconfig text for a user; default the admin. */
  kubeconfig(user?: string): string;
  /** A file with that text, in the cluster's temporary directory. */
  kubeconfigFile(user?: string): string;
  /** Sends a JSON request as the admin; never throws on a status. */
  readonly request: ApiRequest;
  /** Kills both servers, as a power cut would; what they stored stays. */
  crash(): Promise<void>;
  /** Starts them again after a crash, where they were, and resolves when they are ready. */
  restart(): Promise<void>;
  /** Kills both servers and removes their directory. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on fresh ports, with RBAC and static tokens, and resolves when kube-system exists. They end with
 * this process, whatever becomes of it. Missing programs are built first, so let the `parts` script run before a suite with a time
 * limit.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const parts = await ensureParts(["kube-apiserver", "etcd"]);
  const users = completeUsers(options.users ?? []);
  const admin = userNamed(users, adminName);
  const servers = await startServers({
    kubeApiserver: parts["kube-apiserver"].file,
    etcd: parts.etcd.file,
    tokenFile: renderTokenFile(users),
    adminToken: admin.token,
    timeoutMs: options.timeoutMs ?? 200_000,
    authenticationTokenWebhookConfigFile: options.authenticationTokenWebhookConfigFile,
    extraFlags: options.extraFlags,
  });
  const server = `https://127.0.0.1:${servers.port}`;
  const caFile = certificateFile(servers.directory);
  const ca = readFileSync(caFile, "utf8");
  const caData = Buffer.from(ca).toString("base64");
  const client = createApiClient(server, ca, admin.token);
  const kubeconfig = (user = adminName): string => renderKubeconfig(server, caData, userNamed(users, user));
  return {
    server,
    caFile,
    caData,
    adminToken: admin.token,
    token: (user) => userNamed(users, user).token,
    kubeconfig,
    kubeconfigFile: (user = adminName) => {
      const file = join(servers.directory, `${encodeURIComponent(user)}.kubeconfig`);
      writeFileSync(file, kubeconfig(user), { mode: 0o600 });
      return file;
    },
    request: client.request,
    crash: () => servers.crash(),
    restart: () => servers.restart(),
    stop: async () => {
      client.close();
      await servers.stop();
    },
  };
}

function userNamed(users: readonly KnownUser[], name: string): KnownUser {
  const user = users.find((known) => known.name === name);
  if (user === undefined) {
    throw new Error(`the cluster has no user "${name}"; users are ${users.map((known) => known.name).join(", ")}`);
  }
  return user;
}
