import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { caData, startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { repository } from "../../support/engine/testProject.ts";
import { PluginProcess } from "../../support/plugin/pluginProcess.ts";

const data = { mapRoles: "- rolearn: arn:aws:iam::111122223333:role/node\n  username: node\n" };
const sdk = join(repository, "dist/sdk/index.js");
const cli = join(repository, "dist/cli/main.js");

/** Checks one mapping and prints the problems. */
const check = `
const { configure, check } = require(${JSON.stringify(join(repository, "dist/provider/index.js"))});
configure({ config: { get: (key) => JSON.parse(process.argv[1])[key] } })
  .then(() => check({}, { arn: "arn:aws:iam::111122223333:role/a", username: "a" }))
  .then(({ failures = [] }) => process.stdout.write(JSON.stringify(failures)));
`;

describe("a check", () => {
  it("of a manifest loads neither the AWS SDK nor a network client", async () => {
    const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
    await writeFile(manifest, manifestOf(data));
    const { packages, printed } = await loadedBy(["-e", check, JSON.stringify({ "aws-auth:manifest": manifest })]);
    expect(printed).toBe("[]");
    expect(packages).toEqual(["yaml"]);
  });

  it("with a kubeconfig that does not use EKS does not load the AWS SDK", async () => {
    const { url, requests } = await startApiServer(data);
    const config = { "aws-auth:kubeconfig": kubeconfigOf({ dev: url }) };
    const { packages, printed } = await loadedBy(["-e", check, JSON.stringify(config)]);
    expect(printed).toBe("[]");
    // The map, the API groups and the version.
    expect(requests).toHaveLength(3);
    expect(packages.filter(isOfAws)).toEqual([]);
  });

  it("of an EKS cluster loads the AWS SDK", async () => {
    const { url: endpoint } = await startApiServer(data);
    const aws = await startAwsEndpoint({
      identity: "arn:aws:iam::111122223333:user/deployer",
      clusters: new Map([["prod", { endpoint, caData, authenticationMode: "CONFIG_MAP" }]]),
    });
    onTestFinished(() => aws.stop());
    const env = { AWS_ENDPOINT_URL_EKS: aws.url, AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" };
    const config = { "aws-auth:cluster": "prod", "aws-auth:region": "eu-central-1" };
    const { packages, printed } = await loadedBy(["-e", check, JSON.stringify(config)], env);
    expect(printed).toBe("[]");
    expect(packages).toContain("@aws-sdk/client-eks");
  });
});

it("the SDK loads @pulumi/pulumi but no optional or provider packages", async () => {
  const { packages } = await loadedBy([sdk]);
  expect(packages).toContain("@pulumi/pulumi");
  const others = ["@pulumi/kubernetes", "@pulumi/aws", "yaml"];
  expect(packages.filter((name) => isOfAws(name) || others.includes(name))).toEqual([]);
});

describe("the command line", () => {
  it.each(["--help", "lint --help"])("loads only the package commander for %s", async (args) => {
    const { own, packages, ofNode } = await loadedBy([cli, ...args.split(" ")]);
    const declarations = ["cli/main", "cli/output", "cli/program", "provider/pulumi/versions", "provider/text/text"];
    expect(own).toEqual(declarations);
    expect(packages).toEqual(["commander"]);
    expect(ofNode.filter((name) => /http|tls|net|crypto/.test(name))).toEqual([]);
  });

  it("loads no network client for get on a manifest", async () => {
    const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
    await writeFile(manifest, manifestOf(data));
    const { packages, ofNode } = await loadedBy([cli, "get", "--manifest", manifest]);
    expect(packages).toEqual(["commander", "yaml"]);
    expect(ofNode.filter((name) => /http|tls|net/.test(name))).toEqual([]);
  });
});

it("neither the commands nor the plugin keep compiled code in the shared temporary directory", async () => {
  const directory = await temporaryDirectory();
  const env = { TMPDIR: directory, TEMP: directory };
  await promisify(execFile)(process.execPath, [cli, "--help"], { env });
  const start = [process.execPath, join(repository, "dist/provider/plugin/main.js")];
  const plugin = await PluginProcess.start(directory, env, start);
  expect(await plugin.end()).toBe(0);
  expect(await readdir(directory)).toEqual([]);
});

/** The output of a process and the modules it loaded: this package's own, other packages, and Node's. */
async function loadedBy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = join(await temporaryDirectory(), "loads.json");
  const hook = join(import.meta.dirname, "support/loads.ts");
  const { stdout: printed } = await promisify(execFile)(process.execPath, ["--import", hook, ...args], {
    env: { PATH: process.env["PATH"], LOADS_FILE: file, ...env },
  });
  const loads: string[] = JSON.parse(await readFile(file, "utf8")).toSorted();
  const isOwn = (name: string) => /^(?:cli|provider|sdk)\//.test(name);
  const isOfNode = (name: string) => name.startsWith("node:");
  return {
    printed,
    own: loads.filter(isOwn),
    packages: loads.filter((name) => !isOwn(name) && !isOfNode(name) && !name.startsWith("file:")),
    ofNode: loads.filter(isOfNode),
  };
}

function isOfAws(name: string): boolean {
  return /^@(?:aws|aws-sdk|smithy)\//.test(name);
}
