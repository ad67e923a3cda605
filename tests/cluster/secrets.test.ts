import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { engineOwn, linesWith, mostVerbose } from "../support/cluster/leaks.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";

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

const mapping = (cluster: string) =>
  `new IdentityMapping("a", { ${cluster}arn: "arn:aws:iam::111122223333:role/a", username: "a" });`;

/** A kubeconfig of a user with token, client certificate and key. */
function kubeconfig(): string {
  const lines = [
    `      client-certificate-data: ${fixture("client").toString("base64")}`,
    `      client-key-data: ${fixture("client.key").toString("base64")}`,
  ];
  return cluster.kubeconfig("deployer").replace(/^ {6}token: .*$/m, (line) => [line, ...lines].join("\n"));
}

/** A kubeconfig of a user whose plugin prints the token, and on its way whatever it was given. */
function pluginKubeconfig(script: string): string {
  const command = join(project.folder, "plugin");
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command,
    env: [{ name: "PLUGIN_SECRET", value: pluginSecret }],
    provideClusterInfo: true,
  };
  return cluster.kubeconfig("deployer").replace(/^ {6}token: .*$/m, `      exec: ${JSON.stringify(exec)}`);
}

const printed = () =>
  `echo '${JSON.stringify({ kind: "ExecCredential", status: { token: cluster.token("deployer") } })}'`;

describe("tokens, keys and certificate authorities are in no log, message or state", () => {
  it("of an EKS cluster, however verbose the engine is", async () => {
    await project.configure({ "aws-auth:cluster": "prod", "aws:region": "eu-central-1" });
    await project.program(mapping(""));
    const up = await project.up(...mostVerbose);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("Marshaling property for RPC") });
    expect(linesWith(secrets, up)).toEqual([]);
    expect(linesWith(secrets, { output: await project.state() })).toEqual([]);
  });

  it("of a kubeconfig that is named by its path, with the plugin that it runs", async () => {
    await project.destroy();
    await project.write("kubeconfig", pluginKubeconfig(printed()));
    await project.configure({ "aws-auth:kubeconfig": "kubeconfig" });
    await project.program(mapping(""));
    const up = await project.up(...mostVerbose);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 created") });
    expect(linesWith(secrets, up)).toEqual([]);
    expect(linesWith(secrets, { output: await project.state() })).toEqual([]);
  });

  it("of a kubeconfig whose content the environment holds, and of what fails with it", async () => {
    await project.configure({ "aws-auth:context": "deployer" });
    await project.program(mapping(""));
    const ca = fixture("ca").toString("base64");
    const plugin = pluginKubeconfig(`env >&2; echo "$KUBERNETES_EXEC_INFO" >&2; ${printed()} >&2; exit 1`);
    for (const [content, fault] of [
      [kubeconfig(), undefined],
      [kubeconfig().replace(/certificate-authority-data: .*/, `certificate-authority-data: ${ca}`), "certificate"],
      [kubeconfig().replace("clusters:", "clusters: ["), "is not valid YAML"],
      [kubeconfig().replace(/token: .*/, `token: ${cluster.token("deployer")}x`), "401"],
      [plugin, "ended with exit code 1"],
    ] as const) {
      const preview = await project.with({ AWS_AUTH_KUBECONFIG: content }).preview(...mostVerbose);
      if (fault === undefined) expect(preview).toMatchObject({ code: 0 });
      else expect(preview.output).toContain(fault);
      expect(linesWith(secrets, preview)).toEqual([]);
    }
  });

  it("of a kubeconfig's content in the program, but for what the engine itself logs of every secret with -v=9", async () => {
    await project.write("content.json", JSON.stringify(kubeconfig()));
    await project.program(mapping('cluster: { kubeconfig: require("./content.json") }, '));
    const verbose = await project.preview(...mostVerbose);
    expect(verbose).toMatchObject({ code: 0 });
    const leaks = linesWith(secrets, verbose);
    expect(leaks.filter((line) => !engineOwn.test(line))).toEqual([]);
    // Should the engine stop it one day, docs/guarantees.md and docs/permissions.md have to say so.
    expect(leaks).not.toEqual([]);
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    expect(linesWith(secrets, up)).toEqual([]);
    expect(linesWith(secrets, { output: await project.state() })).toEqual([]);
  });

  it("nor is the content of a kubeconfig in the stack's configuration kept in clear without a warning", async () => {
    await project.configure({ "aws-auth:kubeconfig": kubeconfig() });
    await project.program(mapping(""));
    const preview = await project.preview();
    expect(preview.output).toContain(
      "warning: aws-auth:kubeconfig holds the content of a kubeconfig in clear, and so will the state; set it with --secret, or set a path",
    );
    expect(linesWith(secrets, preview)).toEqual([]);
    await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", kubeconfig());
    const kept = await project.up();
    expect(kept.output).not.toContain("warning: aws-auth:kubeconfig");
    expect(linesWith(secrets, kept)).toEqual([]);
    expect(linesWith(secrets, { output: await project.state() })).toEqual([]);
  });
});
