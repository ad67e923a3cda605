import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { startAwsEndpoint } from "../support/aws/endpoint.ts";
import { type CliOptions, runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { caData, startApiServer } from "../unit/cluster/apiServer.ts";

const program = fileURLToPath(new URL("support/loadedPackages.ts", import.meta.url));
const provider = "dist/provider/index.js";
const data = { mapRoles: "- rolearn: arn:aws:iam::111122223333:role/node\n  username: node\n" };
const awsClient = "@aws-sdk/client-eks";

it("a check on a manifest does not load the AWS SDK", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "aws-auth.yaml"), manifestOf(data));
  const packages = await loadedBy(provider, { "aws-auth:manifest": join(directory, "aws-auth.yaml") });
  expect(packages).toContain("yaml");
  expect(packages.filter(isOfAws)).toEqual([]);
});

it("a check by an ordinary kubeconfig does not load the AWS SDK", async () => {
  const directory = await temporaryDirectory();
  const api = await startApiServer(data);
  const kubeconfig = join(directory, "kubeconfig");
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: api.url, "certificate-authority-data": caData } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
  const packages = await loadedBy(provider, { "aws-auth:kubeconfig": kubeconfig });
  expect(api.requests).toHaveLength(1);
  expect(packages.filter(isOfAws)).toEqual([]);
});

it("a check on an EKS cluster loads the AWS SDK", async () => {
  const { env, api } = await eksCluster();
  const packages = await loadedBy(provider, { "aws-auth:cluster": "prod", "aws-auth:region": "eu-central-1" }, env);
  expect(api.requests).toHaveLength(1);
  expect(packages).toContain(awsClient);
});

it("the SDK loads @pulumi/pulumi, and none of what only some programs or the provider need", async () => {
  const packages = await loadedBy("dist/sdk/index.js");
  expect(packages).toContain("@pulumi/pulumi");
  for (const name of ["@pulumi/kubernetes", "@pulumi/aws", awsClient, "yaml"]) {
    expect(packages).not.toContain(name);
  }
});

describe("the command line", () => {
  it("loads for its help the declarations of its options, and no package but commander", async () => {
    const expected = ["main", "output", "program"];
    for (const args of [["--help"], ["lint", "--help"]]) {
      const { own, packages, ofNode } = await loadedByCli(args);
      expect(own).toEqual([...expected.map((name) => `cli/${name}`), "provider/pulumi/versions", "provider/text/text"]);
      expect(packages).toEqual(["commander"]);
      expect(ofNode.filter((name) => /http|tls|net|crypto/.test(name))).toEqual([]);
    }
  });

  it("loads no cluster for an option that does not exist", async () => {
    const { own, packages } = await loadedByCli(["get", "--frob"], { code: 2 });
    expect(own.filter((name) => !name.startsWith("cli/"))).toEqual(["provider/pulumi/versions", "provider/text/text"]);
    expect(packages).toEqual(["commander"]);
  });

  it("loads for get on an EKS cluster the AWS SDK, and nothing of other commands and clusters", async () => {
    const { env, api } = await eksCluster();
    const args = ["get", "--cluster", "prod", "--region", "eu-central-1"];
    const { own, packages } = await loadedByCli(args, { env });
    expect(api.requests).toHaveLength(1);
    expect(packages).toEqual(expect.arrayContaining([awsClient]));
    expect(packages.filter((name) => !isOfAws(name))).toEqual(["commander"]);
    expect(own).toEqual(expect.arrayContaining(["cli/get", "provider/cluster/eks/eksConnection"]));
    expect(own.filter((name) => useless.eks.test(name) || useless.get.test(name))).toEqual([]);
    expect(own.filter((name) => accessEntries.test(name))).toEqual([]);
  });

  it("loads for get on a manifest nothing that speaks to a server", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "aws-auth.yaml"), manifestOf(data));
    const { own, packages, ofNode } = await loadedByCli(["get", "--manifest", "aws-auth.yaml"], { cwd: directory });
    expect(packages).toEqual(["commander", "yaml"]);
    expect(own.filter((name) => useless.manifest.test(name) || useless.get.test(name))).toEqual([]);
    expect(ofNode.filter((name) => /http|tls|net/.test(name))).toEqual([]);
  });
});

/** What only those need who use access entries. */
const accessEntries =
  /^provider\/(?:accessEntries\/(?!authenticationMode|accessEntry$|claims$)|cluster\/eks\/(?:accessEntryApi|answers)$|session\/knownEntries)/;

/** What a command or a kind of cluster has no use for. */
const useless = {
  get: /^cli\/(?:explain|lint|import|importProgram)$|^provider\/(?:lint|lifecycle)\/|^provider\/session\/(?!liveAccess|known|readAhead)|^provider\/identity\/identitiesIn$/,
  eks: /^provider\/cluster\/(?:kubeconfig\/|manifest\/)/,
  manifest:
    /^provider\/cluster\/(?:kubeconfig|eks\/(?!awsIdentity)|kubernetes|http|agent)|^provider\/session\/(?:known|readAhead)/,
};

/** What a process of its own has loaded when its one check, if it makes one, has found no problem. */
async function loadedBy(
  file: string,
  config?: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const args = [program, file, ...(config === undefined ? [] : [JSON.stringify(config)])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env["PATH"], ...env } });
  const { loads, problems }: { loads: string[]; problems: string[] } = JSON.parse(stdout);
  expect(problems).toEqual([]);
  return loads;
}

/** What a run of the command line has loaded by its end: its own modules, packages, and what Node brings. */
async function loadedByCli(
  args: readonly string[],
  { code = 0, env = {}, ...options }: CliOptions & { code?: number } = {},
) {
  const file = join(await temporaryDirectory(), "loads.json");
  const result = await runCli(args, {
    ...options,
    env: { NODE_OPTIONS: `--import ${new URL("support/loads.ts", import.meta.url)}`, LOADS_FILE: file, ...env },
  });
  expect(result).toMatchObject({ code });
  const loads: string[] = JSON.parse(await readFile(file, "utf8")).toSorted();
  return {
    own: loads.filter((name) => /^(?:cli|provider|sdk)\//.test(name)),
    packages: loads.filter((name) => !/^(?:cli|provider|sdk)\/|^node:|\/package[.]json$/.test(name)),
    ofNode: loads.filter((name) => name.startsWith("node:")),
  };
}

/** An EKS cluster "prod" with the map, and what a process needs in its environment to reach it. */
async function eksCluster() {
  const api = await startApiServer(data);
  const aws = await startAwsEndpoint({
    identity: "arn:aws:iam::111122223333:user/deployer",
    clusters: new Map([["prod", { endpoint: api.url, caData, authenticationMode: "CONFIG_MAP" }]]),
  });
  onTestFinished(() => aws.stop());
  return {
    api,
    env: { AWS_ENDPOINT_URL_EKS: aws.url, AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
  };
}

function isOfAws(name: string): boolean {
  return /^@(?:aws|aws-sdk|smithy)\//.test(name);
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-loading-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}
