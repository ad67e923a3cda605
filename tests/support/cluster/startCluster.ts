import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureParts } from "../parts/ensureParts.ts";
import { type ApiRequest, createApiClient } from "./apiClient.ts";
import { certificateOf, startServers } from "./startServers.ts";

/** A user in the API server's static token file. */
export interface ClusterUser {
  readonly name: string;
  /** Default none. The API server adds `system:authenticated`. */
  readonly groups?: readonly string[];
}

/** Options of a test cluster. */
export interface ClusterOptions {
  /** Users besides the admin; their permissions are the RBAC objects that the test creates. */
  readonly users?: readonly ClusterUser[];
  /** Kubeconfig file of a TokenReview webhook, such as aws-iam-authenticator. */
  readonly authenticationTokenWebhookConfigFile?: string;
}

/** A real API server with its etcd, for one test file or one run. */
export interface TestCluster {
  /** `https://127.0.0.1:<port>`. */
  readonly server: string;
  /** The API server's certificate, which is also its authority, and its key: a proxy that uses them is trusted by the same clients. */
  readonly certificate: { readonly cert: string; readonly key: string };
  /** The authority in base64, as in a kubeconfig and in EKS's `certificateAuthority.data`. */
  readonly caData: string;
  /** Bearer token of a user. */
  token(user: string): string;
  /** Kubeconfig text for a user; default the admin. */
  kubeconfig(user?: string): string;
  /** A file with that text, in the cluster's temporary directory. */
  kubeconfigFile(user?: string): string;
  /** Sends a JSON request as the admin; never throws on a status. */
  readonly request: ApiRequest;
  /** Creates an object as the admin. */
  create(path: string, object: object): Promise<void>;
  /** Kills both servers, like a power failure; their data is kept. */
  crash(): Promise<void>;
  /** Starts them again after a crash, on the same ports and data, and resolves when they are ready. */
  restart(): Promise<void>;
  /** Kills both servers and removes their directory. May be called twice. */
  stop(): Promise<void>;
}

/** The name of the user of every test cluster that is in system:masters. */
export const adminName = "admin";

/**
 * Starts etcd and kube-apiserver on free ports, with RBAC and static tokens, and resolves when kube-system exists. They end with this
 * process, even if it is killed. Missing programs are built first, so run the `parts` script before a suite with a time limit.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const parts = await ensureParts(["kube-apiserver", "etcd"]);
  const users = [{ name: adminName, groups: ["system:masters"] }, ...(options.users ?? [])];
  const tokens = new Map(users.map(({ name }) => [name, randomBytes(16).toString("hex")]));
  const token = (user: string): string => {
    const found = tokens.get(user);
    if (found === undefined) {
      throw new Error(`the cluster has no user "${user}"; users are ${[...tokens.keys()].join(", ")}`);
    }
    return found;
  };
  const servers = await startServers({
    kubeApiserver: parts["kube-apiserver"].file,
    etcd: parts.etcd.file,
    // Token, name, uid and one quoted column of groups.
    tokenFile: users.map(({ name, groups = [] }) => `${token(name)},${name},${name},"${groups.join(",")}"\n`).join(""),
    adminToken: token(adminName),
    webhook: options.authenticationTokenWebhookConfigFile,
  });
  const server = `https://127.0.0.1:${servers.port}`;
  const certificate = certificateOf(servers.directory);
  const cert = readFileSync(certificate.cert, "utf8");
  const caData = Buffer.from(cert).toString("base64");
  const client = createApiClient(server, cert, token(adminName));
  const kubeconfig = (user = adminName) => kubeconfigOf(server, caData, user, token(user));
  return {
    server,
    certificate: { cert, key: readFileSync(certificate.key, "utf8") },
    caData,
    token,
    kubeconfig,
    kubeconfigFile: (user = adminName) => {
      const file = join(servers.directory, `${encodeURIComponent(user)}.kubeconfig`);
      writeFileSync(file, kubeconfig(user), { mode: 0o600 });
      return file;
    },
    request: client.request,
    create: async (path, object) => {
      const { status, body } = await client.request("POST", path, object);
      if (status !== 201) {
        throw new Error(`POST ${path}: ${status} ${JSON.stringify(body)}`);
      }
    },
    crash: () => servers.crash(),
    restart: () => servers.restart(),
    stop: async () => {
      client.close();
      await servers.stop();
    },
  };
}

/** A kubeconfig for one user of one server, in the format of `aws eks update-kubeconfig` and kubectl. */
function kubeconfigOf(server: string, caData: string, user: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: test
    cluster:
      server: ${server}
      certificate-authority-data: ${caData}
users:
  - name: ${JSON.stringify(user)}
    user:
      token: ${JSON.stringify(token)}
contexts:
  - name: ${JSON.stringify(user)}
    context:
      cluster: test
      user: ${JSON.stringify(user)}
current-context: ${JSON.stringify(user)}
`;
}
