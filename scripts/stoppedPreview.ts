import { join } from "node:path";
import { AwsAuthMap } from "../tests/support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../tests/support/cluster/startCluster.ts";
import { readBlock } from "../tests/support/docs/markdown.ts";
import { repository, TestProject } from "../tests/support/engine/testProject.ts";
import { unfolded } from "../tests/support/unfolded.ts";

/** The README's picture. */
export const picture = join(repository, "docs", "preview.svg");

/**
 * What a terminal shows when the README's first program is previewed where another stack maps the role to other groups, and once more
 * when it takes the entry over: who gains and loses what comes first. Of the engine's lines, only those of this package are shown.
 */
export async function stoppedPreview(): Promise<string> {
  const cluster = await startCluster();
  const project = await TestProject.create({ env: { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } });
  try {
    await prepare(cluster);
    await project.write("prod.kubeconfig", cluster.kubeconfig().replaceAll('"admin"', '"prod"'));
    await project.program(`
      const arn = "arn:aws:iam::111122223333:role/developers";
      new IdentityMapping("developers", { arn, username: "dev", groups: ["deployers", "viewers"] });
    `);
    // Two projects in one directory, so that they share the kubeconfig by a short name.
    const apps = await asProject(project, "apps", "index.js");
    await succeed(apps.up());
    const program = await readBlock("README.md", "import * as awsAuth");
    await project.write("index.ts", program);
    const access = await asProject(project, "access", "index.ts");
    const stopped = await access.pulumi("preview");
    if (stopped.code === 0) {
      throw new Error(`the preview was not stopped:\n${stopped.raw}`);
    }
    await project.write("index.ts", program.replace(/^}\);$/m, "  adopt: true,\n});"));
    const adopting = await succeed(access.pulumi("preview"));
    const summary = partOf(adopting, /^ {4}access on .*\n(?: {6}.*\n)*/m);
    const adoption = partOf(adopting, /^ {4}adoption of arn .*\n(?: {6}.*\n)*/m).replace(/\n +/g, " ");
    const problem = partOf(unfolded(stopped.raw), /^ *error: .* has a problem: .*/m);
    const clauses = problem.replace(/error: .* has a problem: /, "error: ... ").replaceAll("; ", ";\n      ");
    return [
      `$ pulumi preview    # with adopt: true\n...\n${summary}${adoption}`,
      `$ pulumi preview    # without\n...\n${clauses}`,
    ].join("\n");
  } finally {
    await project.remove();
    await cluster.stop();
  }
}

/** A map without entries, and what the groups may do. */
async function prepare(cluster: TestCluster): Promise<void> {
  await new AwsAuthMap(cluster).reset({ mapRoles: "[]\n" });
  await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "shop" } });
  const bindings = [
    ["namespaces/shop/rolebindings", "deployers", "edit"],
    ["clusterrolebindings", "viewers", "view"],
  ] as const;
  for (const [path, group, role] of bindings) {
    await cluster.request("POST", `/apis/rbac.authorization.k8s.io/v1/${path}`, {
      metadata: { name: group },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
    });
  }
}

/** The end of an output: the lines before tell how far the preview is, in other steps each time. */
function partOf(output: string, wanted: RegExp): string {
  const [part] = wanted.exec(output) ?? [];
  if (part === undefined) {
    throw new Error(`the preview does not say what the picture shows:\n${output}`);
  }
  return part;
}

async function succeed(run: Promise<{ readonly code: number | null; readonly raw: string }>): Promise<string> {
  const { code, raw } = await run;
  if (code !== 0) {
    throw new Error(raw);
  }
  return raw;
}

async function asProject(project: TestProject, name: string, main: string): Promise<TestProject> {
  await project.write("Pulumi.yaml", `name: ${name}\nruntime: nodejs\nmain: ${main}\n`);
  await project.write("Pulumi.prod.yaml", "config:\n  aws-auth:kubeconfig: prod.kubeconfig\n");
  await project.cli("stack", "init", "prod");
  return project.onStack("prod");
}
