import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createApiClient } from "./apiClient.ts";
import { freePorts, ServerEnded, type ServerProcess, startServer, startWatchdog } from "./serverProcess.ts";

/** The settings of {@link startServers}. */
export interface ServersSettings {
  /** The kube-apiserver program. */
  readonly kubeApiserver: string;
  /** The etcd program. */
  readonly etcd: string;
  /** Content of the static token file. */
  readonly tokenFile: string;
  /** Token of a user who may read all resources. */
  readonly adminToken: string;
  /** Kubeconfig file of a TokenReview webhook, such as aws-iam-authenticator; v1 reviews. */
  readonly webhook: string | undefined;
}

/** Running etcd and kube-apiserver. */
export interface Servers {
  /** The API server's port on 127.0.0.1. */
  readonly port: number;
  /** Temporary directory of all files that they write. */
  readonly directory: string;
  /** Kills both, like a power failure. */
  crash(): Promise<void>;
  /** Starts both again after a crash, on the same ports and data, and resolves when they are ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const attempts = 5;

/** Limit of a whole start, in milliseconds. */
const startLimit = 200_000;

/** Starts both servers on free ports, and retries on other ports if another process took one. */
export async function startServers(settings: ServersSettings): Promise<Servers> {
  const signal = AbortSignal.timeout(startLimit);
  for (let attempt = 1; ; attempt++) {
    const servers = await launch(settings);
    try {
      await untilReady(servers, settings, signal);
      return servers;
    } catch (error) {
      await servers.stop();
      if (!(error instanceof ServerEnded && error.portTaken) || attempt === attempts) {
        throw error;
      }
    }
  }
}

interface LaunchedServers extends Servers {
  assertRunning(): void;
}

type Ready = Pick<LaunchedServers, "port" | "directory" | "assertRunning">;

/** Starts both at once: the API server retries until etcd responds. */
async function launch(settings: ServersSettings): Promise<LaunchedServers> {
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const directory = mkdtempSync(join(tmpdir(), "pulumi-aws-auth-cluster-"));
  const watchdog = startWatchdog(directory);
  const start = (name: string, file: string, flags: readonly string[]): ServerProcess => {
    const server = startServer(name, file, flags, directory);
    if (server.pid !== undefined) {
      watchdog.guard(server.pid);
    }
    return server;
  };
  const flags = prepareApiServer(settings, directory, port, etcdPort);
  const startBoth = () => [
    start("etcd", settings.etcd, etcdFlags(directory, etcdPort, peerPort)),
    start("kube-apiserver", settings.kubeApiserver, flags),
  ];
  let processes = startBoth();
  const crash = async () => void (await Promise.all(processes.map((server) => server.kill())));
  const assertRunning = () => {
    for (const server of processes) {
      server.assertRunning();
    }
  };
  return {
    port,
    directory,
    assertRunning,
    crash,
    restart: async () => {
      const signal = AbortSignal.timeout(startLimit);
      for (;;) {
        processes = startBoth();
        try {
          return await untilReady({ port, directory, assertRunning }, settings, signal);
        } catch (error) {
          await crash();
          // Another process used the port briefly as the local port of a connection.
          if (!(error instanceof ServerEnded && error.portTaken)) {
            throw error;
          }
          await delay(200);
        }
      }
    },
    stop: async () => {
      await crash();
      rmSync(directory, { recursive: true, force: true });
      watchdog.callOff();
    },
  };
}

function etcdFlags(directory: string, port: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${join(directory, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data need not survive a power failure, and fsync is most of etcd's time.
    "--unsafe-no-fsync",
    // A single member waits for its own election; with 0.1 s, etcd is ready before the API server first connects.
    "--heartbeat-interval=10",
    "--election-timeout=100",
    "--log-level=error",
  ];
}

/** Writes the API server's files, and returns its flags. */
function prepareApiServer(settings: ServersSettings, directory: string, port: number, etcdPort: number): string[] {
  const tokens = join(directory, "tokens.csv");
  const serviceAccountKey = join(directory, "service-account.key");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(tokens, settings.tokenFile, { mode: 0o600 });
  // The API server derives the public key from SEC 1, not from PKCS #8.
  writeFileSync(serviceAccountKey, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    // Without it the API server looks for a default route, which a machine without a network lacks.
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${join(directory, "certificates")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.0.0.0/24",
    // No controller runs that creates the service accounts of namespaces.
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
    ...(settings.webhook === undefined
      ? []
      : [
          `--authentication-token-webhook-config-file=${settings.webhook}`,
          "--authentication-token-webhook-version=v1",
        ]),
  ];
}

/** The files of the certificate that the API server generates at start; it includes its own CA. */
export function certificateOf(directory: string): { readonly cert: string; readonly key: string } {
  const file = (kind: string) => join(directory, "certificates", `apiserver.${kind}`);
  return { cert: file("crt"), key: file("key") };
}

/** Waits for `/readyz`, which includes the default RBAC roles, and for kube-system, which is created shortly afterwards. */
async function untilReady(servers: Ready, settings: ServersSettings, signal: AbortSignal): Promise<void> {
  while (!(await isReady(servers, settings.adminToken))) {
    servers.assertRunning();
    if (signal.aborted) {
      throw new Error(`the API server was not ready after ${startLimit / 1000} s`);
    }
    await delay(50);
  }
}

async function isReady({ directory, port }: Ready, token: string): Promise<boolean> {
  const { cert } = certificateOf(directory);
  if (!existsSync(cert)) {
    return false;
  }
  const client = createApiClient(`https://127.0.0.1:${port}`, readFileSync(cert, "utf8"), token);
  try {
    for (const path of ["/readyz", "/api/v1/namespaces/kube-system"]) {
      if ((await client.request("GET", path)).status !== 200) {
        return false;
      }
    }
    return true;
  } catch {
    // The server does not listen yet, or the certificate is incomplete.
    return false;
  } finally {
    client.close();
  }
}
