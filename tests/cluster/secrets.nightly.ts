import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { engineOwn, linesWith, mostVerbose } from "../support/cluster/leaks.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { stateFileOf } from "../support/engine/state.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";
import { isNightly } from "../support/nightly.ts";

const fixture = (name: string) => readFileSync(join(repository, "tests/unit/cluster/fixtures", `${name}.pem`));

const aws = {
  AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "FwoGZXIvYXdzEXAMPLESESSIONTOKEN",
};

/** The environment of the plugin, as kubeconfigs hold it. */
const pluginSecret = "s3cr3t-of-the-plugin";

let endpoint: AwsEndpoint;
let reviewer: TokenReviewer;
let cluster: TestCluster;
let map: AwsAuthMap;
let project: TestProject;
let secrets: Record<string, string>;

beforeAll(async () => {
  reviewer = await startTokenReviewer({ AKIADEPLOYER: "deployer" }, "prod");
  cluster = await startCluster({
    users: [{ name: "deployer" }],
    authenticationTokenWebhookConfigFile: reviewer.configFile,
  });
  map = new AwsAuthMap(cluster);
  await grant(cluster, "deployer", writerRules);
  endpoint = await startAwsEndpoint({
    identity: "arn:aws:iam::111122223333:user/deployer",
    clusters: new Map([["prod", { endpoint: cluster.server, caData: cluster.caData }]]),
  });
  const env = { AWS_ENDPOINT_URL_EKS: endpoint.url, AWS_ENDPOINT_URL_STS: endpoint.url, ...aws };
  project = await TestProject.create({ env: { ...env, AWS_EC2_METADATA_DISABLED: "true" } });
  const key = fixture("client.key").toString();
  const ca = readFileSync(cluster.caFile, "utf8");
  secrets = {
    "the token": cluster.token("deployer"),
    "the certificate authority": cluster.caData.slice(100, 160),
    "its PEM": ca.split("\n")[3] ?? "",
    "the client's key": Buffer.from(key).toString("base64").slice(40, 100),
    "its PEM too": key.split("\n")[1] ?? "",
    "the AWS secret key": aws.AWS_SECRET_ACCESS_KEY,
    "the AWS session token": aws.AWS_SESSION_TOKEN,
    "a presigned token": "k8s-aws-v1.",
    "a presigned URL": "X-Amz-Signature",
    "the plugin's environment": pluginSecret,
  };
});
beforeEach(async () => {
  await map.reset(undefined);
  await project.configure({});
});
afterAll(async () => {
  await project?.remove();
  await cluster?.stop();
  await reviewer?.stop();
  await endpoint?.stop();
});

/** A program with one mapping for each way to a cluster: JavaScript that names it. */
const mappings = (...clusters: readonly string[]) =>
  clusters
    .map((cluster, index) => {
      const arn = `arn:aws:iam::111122223333:role/r${index}`;
      return `new IdentityMapping("m${index}", { ${cluster === "" ? "" : `cluster: ${cluster}, `}arn: "${arn}", username: "u" });`;
    })
    .join("\n");

/** A kubeconfig of a user with a token. */
const kubeconfig = () => cluster.kubeconfig("deployer");

/** A kubeconfig of a user with a client certificate, which the API server ignores, since it has no authority for them. */
function strangerKubeconfig(): string {
  const lines = [
    `      client-certificate-data: ${fixture("client").toString("base64")}`,
    `      client-key-data: ${fixture("client.key").toString("base64")}`,
  ];
  return kubeconfig().replace(/^ {6}token: .*$/m, lines.join("\n"));
}

/** A kubeconfig of a user whose credentials a plugin prints. */
function pluginKubeconfig(name: string, script: string): string {
  const command = join(project.directory, name);
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    interactiveMode: "Never",
    command,
    env: [{ name: "PLUGIN_SECRET", value: pluginSecret }],
  };
  return cluster.kubeconfig("deployer").replace(/^ {6}token: .*$/m, `      exec: ${JSON.stringify(exec)}`);
}

const credential = () =>
  `echo '${JSON.stringify({ kind: "ExecCredential", status: { token: cluster.token("deployer") } })}'`;

/** A plugin that fails and says everything that it knows. */
const talkative = () =>
  pluginKubeconfig("talkative", `env >&2; echo "$KUBERNETES_EXEC_INFO" >&2; ${credential()} >&2; exit 1`);

/** Kubeconfigs that lead nowhere, each with a part of the error. */
const failing = (): readonly (readonly [string, string])[] => [
  [talkative(), "which failed; run it by hand"],
  [
    kubeconfig().replace(
      /certificate-authority-data: .*/,
      `certificate-authority-data: ${fixture("ca").toString("base64")}`,
    ),
    "TLS certificate not trusted",
  ],
  [kubeconfig().replace("clusters:", "clusters: ["), "is not valid YAML"],
  [kubeconfig().replace(/token: .*/, 'token: "no-token-of-this-cluster"'), "returned 401 Unauthorized"],
  [strangerKubeconfig(), 'User "system:anonymous" cannot get'],
];

describe("tokens, keys and certificate authorities are in no log, message or state", () => {
  it("of an EKS cluster and of a kubeconfig's path with its plugin, however verbose the engine is", async () => {
    await project.configure({ "aws:region": "eu-central-1" });
    await project.write("kubeconfig", pluginKubeconfig("plugin", credential()));
    await project.program(mappings('"prod"', '{ kubeconfig: "kubeconfig" }'));
    const up = await project.up(...mostVerbose);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("RegisterResource RPC finished") });
    expect(Object.keys(await map.data())).toEqual(["mapRoles"]);
    expect(linesWith(secrets, up)).toEqual([]);
    expect(linesWith(secrets, { output: await stateFileOf(project) })).toEqual([]);
  });

  it("of a kubeconfig's content, working or not, but for what the engine itself logs of the properties of resources", async () => {
    await project.destroy();
    // Two ways to one server would be one connection, made by whichever the engine checks first.
    const contents = [kubeconfig(), talkative().replace("https://127.0.0.1", "https://localhost")];
    await project.write("contents.json", JSON.stringify(contents));
    await project.program(
      mappings(...contents.map((_, index) => `{ kubeconfig: require("./contents.json")[${index}] }`)),
    );
    const { output } = await project.preview(...mostVerbose);
    expect(output).toContain("which failed; run it by hand");
    const leaks = linesWith(secrets, { output });
    expect(leaks.filter((line) => !engineOwn.test(line))).toEqual([]);
  });

  it("nor is the content of a kubeconfig kept in clear by the stack's configuration without a warning", async () => {
    await project.configure({ "aws-auth:kubeconfig": kubeconfig() });
    await project.program(mappings(""));
    const preview = await project.preview();
    expect(preview.output).toContain(
      "warning: aws-auth:kubeconfig holds the content of a kubeconfig in plain text, and so will the state; set it with --secret, or set a path",
    );
    expect(linesWith(secrets, preview)).toEqual([]);
  });
});

// The long form: a run of the engine for each way to fail.
if (isNightly) {
  describe("nor are they of a kubeconfig's content", { timeout: 400_000 }, () => {
    it("that leads nowhere, in any log", async () => {
      await project.program(mappings(""));
      for (const [content, problem] of failing()) {
        await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", content);
        const preview = await project.preview(...mostVerbose);
        expect(preview.output).toContain(problem);
        expect(linesWith(secrets, preview)).toEqual([]);
      }
    });

    it.each([
      ["the program", "{ kubeconfig: require('./content.json') }"],
      ["a secret of the stack's configuration", ""],
    ])("in %s, in the state or in what is printed", async (_title, cluster) => {
      await project.write("content.json", JSON.stringify(kubeconfig()));
      await project.program(mappings(cluster));
      if (cluster === "") {
        await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", kubeconfig());
      }
      const runs = [await project.up(), await project.refresh(), await project.preview(), await project.destroy()];
      for (const run of runs) {
        expect(run).toMatchObject({ code: 0, output: expect.not.stringContaining("in clear") });
        expect(linesWith(secrets, run)).toEqual([]);
        expect(linesWith(secrets, { output: await stateFileOf(project) })).toEqual([]);
      }
    });
  });
}
