import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startAwsEndpoint } from "../support/aws/endpoint.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { startApiServer } from "../unit/cluster/apiServer.ts";

const program = fileURLToPath(new URL("support/loadedPackages.ts", import.meta.url));
const provider = "dist/provider/index.js";
const data = { mapRoles: "- rolearn: arn:aws:iam::111122223333:role/node\n  username: node\n" };
const kubernetesClient = "@kubernetes/client-node";
const awsClient = "@aws-sdk/client-eks";

it("a check on a manifest loads neither the AWS SDK nor the Kubernetes client", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "aws-auth.yaml"), manifestOf(data));
  const packages = await loadedBy(provider, { "aws-auth:manifest": join(folder, "aws-auth.yaml") });
  expect(packages).toContain("yaml");
  expect(packages.filter(isOfAws)).toEqual([]);
  expect(packages).not.toContain(kubernetesClient);
});

it("a check by an ordinary kubeconfig loads neither of them, since all that it asks for is one ConfigMap", async () => {
  const folder = await temporaryFolder();
  const api = await startApiServer(data);
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: api.url } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
  const packages = await loadedBy(provider, { "aws-auth:kubeconfig": kubeconfig });
  expect(api.requests).toHaveLength(1);
  expect(packages.filter(isOfAws)).toEqual([]);
  expect(packages).not.toContain(kubernetesClient);
});

it("a check on an EKS cluster loads the AWS SDK, and no Kubernetes client", async () => {
  const api = await startApiServer(data);
  const aws = await startAwsEndpoint({
    identity: "arn:aws:iam::111122223333:user/deployer",
    clusters: new Map([["prod", { endpoint: api.url, caData: "", authenticationMode: "CONFIG_MAP" }]]),
  });
  onTestFinished(() => aws.stop());
  const packages = await loadedBy(
    provider,
    { "aws-auth:cluster": "prod", "aws-auth:region": "eu-central-1" },
    { AWS_ENDPOINT_URL_EKS: aws.url, AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
  );
  expect(api.requests).toHaveLength(1);
  expect(packages).toContain(awsClient);
  expect(packages).not.toContain(kubernetesClient);
});

it("the SDK loads @pulumi/pulumi, and none of what only some programs or the provider need", async () => {
  const packages = await loadedBy("dist/sdk/index.js");
  expect(packages).toContain("@pulumi/pulumi");
  for (const name of ["@pulumi/kubernetes", "@pulumi/aws", kubernetesClient, awsClient, "yaml"]) {
    expect(packages).not.toContain(name);
  }
});

it("the command line begins with the reader of its options alone", async () => {
  expect(await loadedBy("dist/cli/terminal.js")).toEqual([]);
  expect(await loadedBy("dist/cli/program.js")).toEqual([]);
});

/** The packages that a process of its own has loaded when its one check, if it makes one, has found no fault. */
async function loadedBy(
  file: string,
  config?: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const args = [program, file, ...(config === undefined ? [] : [JSON.stringify(config)])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env["PATH"], ...env } });
  const { packages, faults }: { packages: string[]; faults: string[] } = JSON.parse(stdout);
  expect(faults).toEqual([]);
  return packages;
}

function isOfAws(name: string): boolean {
  return name.startsWith("@aws-sdk/") || name.startsWith("@smithy/");
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "aws-auth-loading-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
