import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AccessEntryCluster, startEntryCluster } from "../support/eks/entryCluster.ts";
import { stateFileOf } from "../support/engine/state.ts";
import {
  enginePropertyLines,
  linesWithSecrets,
  mostVerbose,
  repository,
  type TestProject,
} from "../support/engine/testProject.ts";

const fixture = (name: string) => readFileSync(join(repository, "tests/support/cluster/fixtures", `${name}.pem`));
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

/** A secret in the environment of the credential plugin, as kubeconfigs contain it. */
const pluginSecret = "s3cr3t-of-the-plugin";
const sessionToken = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN";

let world: AccessEntryCluster;
let project: TestProject;
let secrets: Record<string, string>;

beforeAll(async () => {
  world = await startEntryCluster("CONFIG_MAP");
  const { cluster, deployer } = world;
  project = (await world.add("secrets", "")).with({ AWS_SESSION_TOKEN: sessionToken });
  const key = fixture("client.key").toString();
  secrets = {
    "the token": cluster.token("deployer"),
    "the certificate authority": cluster.caData.slice(100, 160),
    "its PEM": cluster.certificate.cert.split("\n")[3] ?? "",
    "the client's key": base64(key).slice(40, 100),
    "its PEM too": key.split("\n")[1] ?? "",
    "the AWS secret key": deployer.secretAccessKey,
    "the AWS session token": sessionToken,
    "a presigned token": "k8s-aws-v1.",
    "a presigned URL": "X-Amz-Signature",
    "the plugin's environment": pluginSecret,
  };
});
beforeEach(async () => {
  await world.map.reset(undefined);
  await project.configure({});
});
afterAll(() => world?.stop());

/** A program with one mapping for each `cluster` argument, which is JavaScript. */
const mappings = (...clusters: readonly string[]) =>
  clusters
    .map((cluster, index) => {
      const arn = `arn:aws:iam::111122223333:role/r${index}`;
      return `new IdentityMapping("m${index}", { ${cluster === "" ? "" : `cluster: ${cluster}, `}arn: "${arn}", username: "u" });`;
    })
    .join("\n");

/** A kubeconfig of a user with a token. */
const kubeconfig = () => world.cluster.kubeconfig("deployer");

/** The same with other credentials. */
const kubeconfigWith = (...lines: readonly string[]) =>
  kubeconfig().replace(/^ {6}token: .*$/m, lines.map((line) => `      ${line}`).join("\n"));

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
  return kubeconfigWith(`exec: ${JSON.stringify(exec)}`);
}

const credential = () =>
  `echo '${JSON.stringify({ kind: "ExecCredential", status: { token: world.cluster.token("deployer") } })}'`;

/** A credential plugin that fails and prints every secret that it has. */
const leakingPlugin = () =>
  pluginKubeconfig("talkative", `env >&2; echo "$KUBERNETES_EXEC_INFO" >&2; ${credential()} >&2; exit 1`);

describe("logs, messages and state", () => {
  it("contain no secret of an EKS cluster, or of a kubeconfig path and its plugin, at the highest verbosity", async () => {
    await project.configure({ "aws:region": "eu-central-1" });
    await project.write("kubeconfig", pluginKubeconfig("plugin", credential()));
    await project.program(mappings('"prod"', '{ kubeconfig: "kubeconfig" }'));
    const up = await project.up(...mostVerbose);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("RegisterResource RPC finished") });
    expect(Object.keys(await world.map.data())).toEqual(["mapRoles"]);
    expect(linesWithSecrets(secrets, up)).toEqual([]);
    expect(linesWithSecrets(secrets, { output: await stateFileOf(project) })).toEqual([]);
    expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
  });

  it("contain no secret of a kubeconfig's content, except in the resource properties that the engine logs", async () => {
    // Two kubeconfigs of one server would share the connection of the one that the engine checks first.
    const contents = [kubeconfig(), leakingPlugin().replace("https://127.0.0.1", "https://localhost")];
    await project.write("contents.json", JSON.stringify(contents));
    await project.program(
      mappings(...contents.map((_, index) => `{ kubeconfig: require("./contents.json")[${index}] }`)),
    );
    const { output } = await project.preview(...mostVerbose);
    expect(output).toContain("failed; run it manually");
    const leaks = linesWithSecrets(secrets, { output });
    expect(leaks.filter((line) => !enginePropertyLines.test(line))).toEqual([]);
  });

  it("contain a warning, and no secret, if the stack configuration contains a kubeconfig as plain text", async () => {
    await project.configure({ "aws-auth:kubeconfig": kubeconfig() });
    await project.program(mappings(""));
    const preview = await project.preview();
    expect(preview.output).toContain(
      "warning: aws-auth:kubeconfig contains a kubeconfig in plain text, and the state stores it too; set it with --secret, or set a path",
    );
    expect(linesWithSecrets(secrets, preview)).toEqual([]);
  });

  it.each<[problem: string, content: () => string]>([
    ["failed; run it manually", leakingPlugin],
    [
      "TLS certificate not trusted",
      () => kubeconfig().replace(/(?<=certificate-authority-data: ).*/, base64(fixture("ca"))),
    ],
    ["is not valid YAML", () => kubeconfig().replace("clusters:", "clusters: [")],
    ["returned 401 Unauthorized", () => kubeconfigWith('token: "no-token-of-this-cluster"')],
    [
      // The API server ignores client certificates, since it has no authority for them.
      'User "system:anonymous" cannot get',
      () =>
        kubeconfigWith(
          `client-certificate-data: ${base64(fixture("client"))}`,
          `client-key-data: ${base64(fixture("client.key"))}`,
        ),
    ],
  ])("contain no secret of a kubeconfig's content that fails: %s", async (problem, content) => {
    await project.program(mappings(""));
    await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", content());
    const preview = await project.preview(...mostVerbose);
    expect(preview.output).toContain(problem);
    expect(linesWithSecrets(secrets, preview)).toEqual([]);
  });

  it("contain no secret of a kubeconfig's content in the program, in any kind of run", async () => {
    await project.write("content.json", JSON.stringify(kubeconfig()));
    await project.program(mappings("{ kubeconfig: require('./content.json') }"));
    for (const run of ["up", "refresh", "preview", "destroy"] as const) {
      const outcome = await project[run]();
      expect(outcome).toMatchObject({ code: 0, output: expect.not.stringContaining("in clear") });
      expect(linesWithSecrets(secrets, outcome)).toEqual([]);
      expect(linesWithSecrets(secrets, { output: await stateFileOf(project) })).toEqual([]);
    }
  });
});
