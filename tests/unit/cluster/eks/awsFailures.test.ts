import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rename, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { awsIdentityFor } from "../../../../provider/cluster/eks/awsClients.ts";
import { fromAwsError } from "../../../../provider/cluster/eks/awsErrors.ts";
import type { AwsCaller } from "../../../support/aws/caller.ts";
import { listen } from "../../../support/cluster/apiServer.ts";
import { expectFailure, setEnv, settingsOf, temporaryDirectory } from "../../../support/cluster/kubeconfigs.ts";
import { account, declaredEntry, devArn, entriesWorld, limits, ref } from "../../../support/eks/entriesWorld.ts";
import { repository } from "../../../support/engine/testProject.ts";

const translated = (failure: unknown) => fromAwsError("credentials", failure, ref, awsIdentityFor(ref, settingsOf({})));

it("fromAwsError hides the command line of a failed credential process in message and cause", () => {
  const failure = new Error("Command failed: /bin/tool --password hunter2\nthe vault is locked");
  failure.name = "CredentialsProviderError";
  const error = translated(failure);
  expect(error.message).toMatch(/\(the credential_process failed\); renew the credentials/);
  expect(inspect(error)).not.toContain("hunter2");
});

it("fromAwsError hides credentials in network errors", () => {
  const failure = Object.assign(new Error("GET https://me:hunter2@proxy.example failed"), { syscall: "connect" });
  const { code, message } = translated(failure);
  expect({ code, message }).toEqual({ code: "clusterUnreachable", message: expect.not.stringContaining("hunter2") });
});

it("fromAwsError reports a missing token file as a credentials error", async () => {
  expect(translated(await readFile("/nothing/token").catch((error: unknown) => error))).toMatchObject({
    code: "credentials",
    message: expect.stringContaining(
      "cannot use the default AWS credentials (ENOENT: no such file or directory, open '/nothing/token')",
    ),
  });
});

it("fromAwsError reports a host that refuses connections on all addresses as a network error", async () => {
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  const socket = connect({ host: "sts.example", port: 9, lookup: (_host, _options, found) => found(null, addresses) });
  const [failure] = await once(socket, "error");
  expect(failure).toBeInstanceOf(AggregateError);
  expect(translated(failure)).toMatchObject({
    code: "clusterUnreachable",
    message: expect.stringContaining(
      "cannot be reached with the default AWS credentials: connection refused (ECONNREFUSED)",
    ),
  });
});

it("credentials that change to another account during a run neither hide an entry nor modify a cluster of the same name", async () => {
  const { aws, deployer, kubernetes } = await entriesWorld();
  const other = "444455556666";
  const arn = devArn.replace(account, other);
  const stranger = aws.caller("stranger", aws.principals.create(`arn:aws:iam::${other}:user/deployer`).arn);
  aws.principals.create(arn);
  const directory = await temporaryDirectory();
  const [given, config] = [join(directory, "credentials.json"), join(directory, "config")];
  const give = async ({ accessKeyId, secretAccessKey }: AwsCaller) => {
    const Expiration = new Date(Date.now() + 10_000).toISOString();
    const credentials = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration };
    await writeFile(`${given}.new`, JSON.stringify(credentials));
    await rename(`${given}.new`, given);
  };
  await give(deployer);
  await writeFile(config, `[default]\ncredential_process = cat ${given}\n`);
  setEnv({ AWS_CONFIG_FILE: config, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
  const api = new AccessEntryApi({ ...ref, account }, settingsOf({ env: aws.env() }), undefined, limits);
  expect((await api.cluster()).account).toBe(account);
  await give(stranger);
  // The SDK renews expired credentials before a call.
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 11_000);
  await expectFailure(api.read(devArn), "clusterNotFound");
  aws.addCluster({ name: "prod", account: other, endpoint: kubernetes.url, authenticationMode: "API_AND_CONFIG_MAP" });
  await expectFailure(
    api.create(declaredEntry({ principalArn: arn }), {}),
    "clusterChanged",
    /not in account 444455556666 of /,
  );
  vi.restoreAllMocks();
  expect(aws.entries("prod", other).map(({ principalArn }) => principalArn)).not.toContain(arn);
});

it("a credentials source that does not respond does not keep a program running", { timeout: 60_000 }, async () => {
  const silent = createServer(() => undefined);
  const module = join(repository, "dist/provider/cluster/eks/eksConnection.js");
  const code = `const { EksConnection } = require(${JSON.stringify(module)});
    const settings = { config: () => undefined, env: {}, cwd: "/" };
    const roleArn = "arn:aws:iam::111122223333:role/deploy";
    const connection = new EksConnection({ kind: "eks", name: "prod", region: "eu-central-1", roleArn }, settings);
    connection.cluster(AbortSignal.timeout(200)).catch((error) => console.log(error.code));`;
  const env = {
    PATH: process.env["PATH"],
    AWS_CONFIG_FILE: "/nothing",
    AWS_SHARED_CREDENTIALS_FILE: "/nothing",
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${await listen(silent)}`,
    AWS_MAX_ATTEMPTS: "1",
  };
  const child = spawn(process.execPath, ["-e", code], { env, stdio: ["ignore", "pipe", "ignore"], timeout: 40_000 });
  const output = text(child.stdout);
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await output).toBe("clusterUnreachable\n");
});

describe("an incomplete response", () => {
  async function answered(answer: () => string): Promise<AccessEntryApi> {
    const { api } = await entriesWorld();
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(answer());
    });
    setEnv({ AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${await listen(server)}` });
    return api;
  }

  it("ends a list at an empty token, as the paginators of the SDK do", async () => {
    let requests = 0;
    const api = await answered(() => {
      requests++;
      return JSON.stringify({ accessEntries: [devArn], nextToken: requests > 20 ? undefined : "" });
    });
    await api.list();
    expect(requests).toBe(1);
  });

  it.each([
    ["repeats its token", () => "a"],
    ["never ends", () => `${performance.now()}`],
  ])("of a list that %s is an error", async (_title, tokenOf) => {
    const api = await answered(() => JSON.stringify({ accessEntries: [], nextToken: tokenOf() }));
    await expectFailure(api.list(), "clusterUnreachable", /^the list does not end, after (?:2|1000) pages; check/);
  });

  it.each(["", "{}"])("is not read as a deleted entry or an empty list: %j", async (body) => {
    const api = await answered(() => body);
    const calls = [api.cluster(), api.list(), api.read(devArn), api.eksRoles()];
    const message = /the response is incomplete/;
    await Promise.all(calls.map((call) => expectFailure(call, "clusterUnreachable", message)));
  });
});
