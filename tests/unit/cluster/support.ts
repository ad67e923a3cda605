import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Settings } from "../../../provider/cluster/index.ts";
import { caData } from "./apiServer.ts";

/** Settings as a test says them, with nothing from the machine it runs on. */
export function settingsOf(given: {
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}): Settings {
  const cwd = given.cwd ?? "/program";
  return { config: (key) => given.config?.[key], env: { HOME: cwd, ...given.env }, cwd };
}

/** A directory of the test's own, removed after it. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A kubeconfig with one cluster and one user for each context, whose servers have the certificate of {@link startApiServer}. */
export function kubeconfigOf(
  servers: Readonly<Record<string, string>>,
  user: object = { token: "t0p-secret" },
): string {
  const names = Object.keys(servers);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: names.map((name) => ({
      name: `${name}-cluster`,
      cluster: { server: servers[name], "certificate-authority-data": caData },
    })),
    users: names.map((name) => ({ name: `${name}-user`, user })),
    contexts: names.map((name) => ({ name, context: { cluster: `${name}-cluster`, user: `${name}-user` } })),
    "current-context": names[0],
  });
}

/** A few seconds for everything: what takes longer in a test hangs. */
export const impatient = { read: 5_000, readTry: 3_000, write: 10_000 };
