import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { impatient, settingsOf, temporaryDirectory } from "./support.ts";

type Identity = "server" | "stranger" | "expired";

const pem = (name: string) => readFile(join(import.meta.dirname, "fixtures", `${name}.pem`));
const base64 = async (name: string) => (await pem(name)).toString("base64");

interface TlsServer {
  readonly port: number;
  /** Requests that got through to it. */
  readonly requests: () => number;
  readonly connections: () => number;
}

/** An API server that proves itself with one of the fixtures. */
async function startTls(identity: Identity): Promise<TlsServer> {
  let [requests, connections] = [0, 0];
  const server = createServer({ cert: await pem(identity), key: await pem(`${identity}.key`) }, (_, response) => {
    requests++;
    response.end(JSON.stringify({ kind: "ConfigMap", metadata: { resourceVersion: "1" }, data: {} }));
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, requests: () => requests, connections: () => connections };
}

/** The store of a kubeconfig with these clusters, of which the first one's context is taken. */
async function open(...clusters: readonly object[]): Promise<ConfigMapStore> {
  const cwd = await temporaryDirectory();
  const kubeconfig = {
    clusters: clusters.map((cluster, index) => ({ name: `c${index}`, cluster })),
    users: [{ name: "u", user: { token: "t0p-secret" } }],
    contexts: clusters.map((_, index) => ({ name: `x${index}`, context: { cluster: `c${index}`, user: "u" } })),
    "current-context": "x0",
  };
  await writeFile(join(cwd, "kubeconfig"), JSON.stringify(kubeconfig));
  const settings = settingsOf({ cwd });
  return openStore(await resolveClusterRef({ kubeconfig: "kubeconfig", context: "x0" }, settings), settings, impatient);
}

const problems: readonly (readonly [string, Identity, Identity | "ca" | undefined, string, string])[] = [
  ["another authority than the kubeconfig's", "server", "stranger", "127.0.0.1", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ["an authority that nobody named", "server", undefined, "127.0.0.1", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ["nobody but itself", "stranger", "ca", "127.0.0.1", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["a right authority, too long ago", "expired", "expired", "127.0.0.1", "CERT_HAS_EXPIRED"],
  ["a right authority, for another host", "server", "ca", "localhost", "ERR_TLS_CERT_ALTNAME_INVALID"],
];

describe.each([[undefined], ["0"]])("with NODE_TLS_REJECT_UNAUTHORIZED=%s", (variable) => {
  beforeEach(() => {
    if (variable !== undefined) {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", variable);
    }
    onTestFinished(() => void vi.unstubAllEnvs());
  });

  it.each(problems)("a certificate of %s is not accepted", async (_title, identity, authority, host, code) => {
    const server = await startTls(identity);
    const url = `https://${host}:${server.port}`;
    const ca = authority === undefined ? {} : { "certificate-authority-data": await base64(authority) };
    const store = await open({ server: url, ...ca });
    const failure = store.read();
    await expect(failure).rejects.toMatchObject({ code: "certificateNotTrusted" });
    await expect(failure).rejects.toThrow(
      new RegExp(
        `^the cluster of context "x0" at ${url}: TLS certificate not trusted \\(${code}\\); check certificate-authority`,
      ),
    );
    // Nothing was sent, and nothing was tried again.
    expect([server.requests(), server.connections()]).toEqual([0, 1]);
    expect(store.warnings).toEqual([]);
  });

  it("EKS's own authority is the only one that an EKS cluster is accepted with", async () => {
    const server = await startTls("server");
    const endpoint = `https://127.0.0.1:${server.port}`;
    const clusters = new Map([
      ["right", { endpoint, caData: await base64("ca") }],
      ["wrong", { endpoint, caData: await base64("stranger") }],
    ]);
    const aws = await startAwsEndpoint({ clusters, identity: "arn:aws:iam::111122223333:user/me" });
    for (const [name, value] of Object.entries({
      AWS_ENDPOINT_URL_EKS: aws.url,
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_SECRET_ACCESS_KEY: "x",
      AWS_EC2_METADATA_DISABLED: "true",
    })) {
      vi.stubEnv(name, value);
    }
    onTestFinished(() => aws.stop());
    const openEks = async (name: string) => {
      const settings = settingsOf({});
      const ref = await resolveClusterRef({ name, region: "eu-central-1" }, settings);
      // With the usual patience, since the AWS SDK has to be loaded.
      return openStore(ref, settings);
    };
    expect(await (await openEks("right")).read()).toEqual({ data: {}, version: "1" });
    await expect((await openEks("wrong")).read()).rejects.toMatchObject({
      code: "certificateNotTrusted",
      message: expect.stringContaining("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    });
    expect(server.requests()).toBe(1);
  });

  it("AWS with another certificate is not asked", async () => {
    const server = await startTls("stranger");
    for (const [name, value] of Object.entries({
      AWS_ENDPOINT_URL_EKS: `https://127.0.0.1:${server.port}`,
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_SECRET_ACCESS_KEY: "x",
    })) {
      vi.stubEnv(name, value);
    }
    const settings = settingsOf({});
    const store = await openStore(await resolveClusterRef({ name: "c", region: "eu-central-1" }, settings), settings);
    await expect(store.read()).rejects.toMatchObject({ code: "certificateNotTrusted" });
    expect(server.requests()).toBe(0);
  });
});

describe("insecure-skip-tls-verify", () => {
  const insecure = { "insecure-skip-tls-verify": true };

  it("counts for the cluster that says so and for no other of the same kubeconfig", async () => {
    const [first, second] = [await startTls("expired"), await startTls("stranger")];
    const urls = [first, second].map(({ port }) => `https://127.0.0.1:${port}`);
    const trusting = await open({ server: urls[0], ...insecure }, { server: urls[1] });
    expect(await trusting.read()).toEqual({ data: {}, version: "1" });
    expect(trusting.warnings).toHaveLength(1);
    const verifying = await open({ server: urls[1] }, { server: urls[0], ...insecure });
    await expect(verifying.read()).rejects.toMatchObject({
      code: "certificateNotTrusted",
      message: expect.stringContaining("certificate"),
    });
    expect([verifying.warnings, second.requests()]).toEqual([[], 0]);
  });
});
