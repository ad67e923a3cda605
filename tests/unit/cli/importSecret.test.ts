import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../../support/cli/runCli.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../cluster/support.ts";

const arn = "arn:aws:iam::111122223333:role/dev";

it.each([
  ["the environment", (content: string) => ({ args: [], env: { AWS_AUTH_KUBECONFIG: content } })],
  [
    "the environment, with a context",
    (content: string) => ({ args: ["--context", "ctx"], env: { AWS_AUTH_KUBECONFIG: content } }),
  ],
  ["an option", (content: string) => ({ args: ["--kubeconfig", content], env: {} })],
])("import prints no content of a kubeconfig, which is secret: from %s", async (_title, given) => {
  const server = await startApiServer({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });
  const { args, env } = given(kubeconfigOf({ ctx: server.url }));
  const { code, stdout, stderr } = await runCli(["import", ...args], { env });
  expect(code).toBe(0);
  expect(stdout).toContain(arn);
  expect(stdout + stderr).not.toContain("t0p-secret");
});

it("import names the only context of a kubeconfig, which may get others before the program runs", async () => {
  const server = await startApiServer({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "kubeconfig"), kubeconfigOf({ staging: server.url }));
  const { stdout } = await runCli(["import", "--kubeconfig", "kubeconfig"], { cwd });
  expect(stdout).toContain('const cluster = { kubeconfig: "kubeconfig", context: "staging" };\n');
});

describe("import --from an eksctl file", () => {
  const head = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: { name: prod, region: eu-central-1 }\n";
  const service = "- { serviceName: emr-containers, namespace: spark }\n";
  async function importFrom(items: string, output: string) {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, "cluster.yaml"), `${head}iamIdentityMappings:\n${items}`);
    return runCli(["import", "--from", "cluster.yaml", "-o", output], { cwd });
  }

  it("prints a program, and strips a role's path with a warning", async () => {
    const items = `- { arn: "arn:aws:iam::111122223333:role/eng/dev", username: dev }\n${service}`;
    const { code, stdout, stderr } = await importFrom(items, "typescript");
    expect([code, stdout]).toEqual([
      0,
      `// The mappings of cluster.yaml, printed by "pulumi-aws-auth import".
import * as awsAuth from "pulumi-aws-auth";

const cluster = { name: "prod", region: "eu-central-1" };

new awsAuth.IdentityMapping("dev", {
  cluster,
  arn: "${arn}",
  username: "dev",
});

new awsAuth.ServiceIdentityMapping("emr-containers", {
  cluster,
  serviceName: "emr-containers",
  namespace: "spark",
});
`,
    ]);
    expect(stderr).toMatch(/^warning: arn "arn:aws:iam::111122223333:role\/eng\/dev" has the path "eng\/"/);
  });

  it("prints YAML", async () => {
    const { code, stdout } = await importFrom('- account: "012345678901"\n', "yaml");
    expect([code, stdout]).toEqual([
      0,
      `# The mappings of cluster.yaml, printed by "pulumi-aws-auth import".
name: aws-auth
runtime: yaml
resources:
  account-012345678901:
    type: aws-auth:IdentityMapping
    properties:
      cluster:
        name: prod
        region: eu-central-1
      account: "012345678901"
`,
    ]);
  });

  it.each<[items: string, output: string, problem: string]>([
    [service, "yaml", "serviceName emr-containers needs the component ServiceIdentityMapping"],
    ['- { arn: "nonsense", username: x }\n', "yaml", 'cluster.yaml: arn "nonsense" is not an ARN'],
    ["- { username: x }\n", "typescript", "cluster.yaml:5: iamIdentityMappings[0]: none of arn, account"],
  ])("refuses %s as %s", async (items, output, problem) => {
    const { code, stdout, stderr } = await importFrom(items, output);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(problem)]);
  });
});
