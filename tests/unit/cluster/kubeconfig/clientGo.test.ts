import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KubeconfigConnection } from "../../../../provider/cluster/kubeconfig/kubeconfigConnection.ts";
import { locateNamed } from "../../../../provider/cluster/kubeconfig/locate.ts";
import { fieldsOf } from "../../../../provider/text/fields.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";
import { type Outcome, outcomeOf, writeRow } from "./clientGo/outcomes.ts";
import type { Row } from "./clientGo/row.ts";
import { rows } from "./clientGo/rows.ts";

const recorded: Readonly<Record<string, Outcome>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "clientGo", "recorded.json"), "utf8"),
);

/** What we do with a row, up to the first request. */
async function ourOutcome(row: Row): Promise<Outcome> {
  const directory = await temporaryDirectory();
  const { kubeconfig, explicit, context } = writeRow(row, directory);
  const settings = settingsOf({ cwd: directory, env: { KUBECONFIG: kubeconfig } });
  const own = { kubeconfig: explicit || undefined, context: context || undefined };
  const done = await firstRequest(own, settings).catch((error: { code: string; message: string }) => ({
    // Any other error is a bug of ours.
    error: ["invalidKubeconfig", "credentials"].includes(error.code)
      ? error.message
      : `${error.code}: ${error.message}`,
  }));
  const { error, ...rest } = outcomeOf(done, row, directory);
  return "error" in done ? { error: done.error.replaceAll(directory, "DIR") } : rest;
}

async function firstRequest(
  own: Parameters<typeof locateNamed>[0],
  settings: ReturnType<typeof settingsOf>,
): Promise<Outcome> {
  const target = await locateNamed(own, settings);
  const { cluster } = target;
  const connection = new KubeconfigConnection(target, settings);
  const signal = AbortSignal.timeout(60_000);
  const server = await connection.endpoint();
  const { headers, agent } = await connection.authorize(false, signal);
  const { ca, cert, rejectUnauthorized, servername } = fieldsOf(Reflect.get(agent, "options"));
  const [, client = undefined] =
    Buffer.isBuffer(cert) || typeof cert === "string" ? (/CN=(.*)/.exec(new X509Certificate(cert).subject) ?? []) : [];
  return {
    server: server.href,
    namespace: connection.namespace,
    ...(cluster.proxyUrl === undefined ? {} : { proxy: cluster.proxyUrl }),
    tls: {
      ...(rejectUnauthorized === false && { insecure: true }),
      ...(typeof servername === "string" && { serverName: servername }),
      ...(ca !== undefined && { hasCa: true }),
      ...(client !== undefined && { client }),
    },
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value : [String(value)]]),
    ),
  };
}

describe("a kubeconfig is read as client-go reads it", () => {
  it("in every case that was recorded", () => {
    expect(Object.keys(recorded)).toEqual(rows.map(({ title }) => title));
  });

  const same = rows.filter(({ meant }) => meant === undefined);
  it.each(same.filter(({ refusal }) => refusal === undefined))("with $title", async (row) => {
    expect(await ourOutcome(row)).toEqual(recorded[row.title]);
  });

  it.each(same.filter(({ refusal }) => refusal !== undefined))("and refused, with $title", async (row) => {
    expect(recorded[row.title]?.error).toBeTruthy();
    expect((await ourOutcome(row)).error).toMatch(row.refusal ?? /^$/);
  });
});

describe("a kubeconfig is read otherwise than client-go reads it, as docs/configuration.md says,", () => {
  it.each(rows.filter(({ meant }) => meant !== undefined))("with $title, since $meant.reason", async (row) => {
    const outcome = await ourOutcome(row);
    const theirs = recorded[row.title];
    if (row.refusal === undefined) {
      expect(outcome).toMatchObject(row.meant?.ours ?? {});
      expect(theirs).not.toMatchObject(row.meant?.ours ?? {});
    } else {
      expect(outcome.error).toMatch(row.refusal);
      expect(theirs?.error).toBeUndefined();
    }
  });
});
