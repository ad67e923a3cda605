import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { connectionTo } from "../../../provider/cluster/connect.ts";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import type { Settings } from "../../../provider/cluster/settings.ts";
import type { ConfigMapStore } from "../../../provider/cluster/store.ts";
import type { AwsAuthErrorCode } from "../../../provider/errors.ts";
import { caData } from "./apiServer.ts";

export interface Given {
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Settings without those of the machine that runs the test. */
export function settingsOf({ config, env, cwd = "/program" }: Given): Settings {
  return { config: (key) => config?.[key], env: { HOME: cwd, ...env }, cwd };
}

/** Sets environment variables of this process until the test finishes; undefined removes one. */
export function setEnv(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** A temporary directory, removed after the test. */
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

/** Short limits: a call that takes longer in a test hangs. */
export const shortLimits = { read: 5_000, readTry: 3_000, write: 10_000 };

/** The store of the cluster that an input selects. */
export async function openCluster(input: unknown, given: Given = {}, limits = shortLimits): Promise<ConfigMapStore> {
  const settings = settingsOf(given);
  return (await connectionTo(await resolveClusterRef(input, settings), settings, limits)).store;
}

/** The connection to the server of a kubeconfig with one context. */
export async function connectTo(url: string) {
  const settings = settingsOf({});
  const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ ctx: url }) }, settings);
  const { apiServer } = await connectionTo(ref, settings);
  if (apiServer === undefined) {
    throw new Error("a kubeconfig leads to a server");
  }
  return apiServer;
}

/** Expects an error with this code and this message, a pattern or the whole text. */
export async function expectFailure(
  attempt: Promise<unknown>,
  code: AwsAuthErrorCode,
  message: string | RegExp = /./,
): Promise<void> {
  const text = typeof message === "string" ? message : expect.stringMatching(message);
  await expect(attempt).rejects.toMatchObject({ code, message: text });
}
