import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AccessReview } from "../../provider/reports/accessReview.ts";
import { fieldsOf } from "../../provider/text/fields.ts";
import { runCli } from "../support/cli/runCli.ts";
import { rbac, rbacRef } from "../support/cluster/awsAuth.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { type AccessEntryCluster, startEntryCluster } from "../support/eks/entryCluster.ts";
import { type RoleDetails, trustOf } from "../support/eks/principals.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const entry = (name: string, username: string, groups: string) =>
  `- rolearn: ${role(name)}\n  username: ${username}\n  groups: [${groups}]\n`;
const yesterday = {
  mapRoles: entry("developers", "developer:{{SessionName}}", "developers"),
  mapUsers: "- userarn: arn:aws:iam::111122223333:user/on-call\n  username: on-call\n  groups: [on-call]\n",
};
const today = { ...yesterday, mapRoles: `${yesterday.mapRoles}${entry("platform", "platform", "system:masters")}` };
const claims = "111122223333:role/developers aaaaaaaa.000001 acme/infra/prod developers";
const metadata = { annotations: { "pulumi-aws-auth/claims": claims } };

let world: AccessEntryCluster;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-review-"));
  world = await startEntryCluster("CONFIG_MAP");
  for (const arn of [role("developers"), role("platform"), "arn:aws:iam::111122223333:user/on-call"]) {
    world.aws.principals.create(arn);
  }
  const details = (name: string): Partial<RoleDetails> => world.aws.principals.find(role(name))?.details ?? {};
  Object.assign(details("developers"), { lastUsed: { at: Date.now(), region: "eu-central-1" } });
  Object.assign(details("platform"), { trustPolicy: trustOf("444455556666") });
  await aggregate("view");
  await aggregate("edit");
  await bind("clusterrolebindings", "deployer", "cluster-admin", "User");
  await bind("clusterrolebindings", "developers", "view");
  await bind("namespaces/default/rolebindings", "developers", "edit");
  await bind("namespaces/kube-system/rolebindings", "on-call", "cluster-admin");
});
afterAll(async () => {
  await world?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Adds the aggregated rules to a role, since a test cluster has no controller that does it. */
async function aggregate(name: string): Promise<void> {
  const path = `${rbac}/clusterroles`;
  const { body } = await world.cluster.request("GET", `${path}/system:aggregate-to-${name}`);
  const aggregated = { metadata: { name }, rules: fieldsOf(body)["rules"] };
  expect(await world.cluster.request("PUT", `${path}/${name}`, aggregated)).toMatchObject({ status: 200 });
}

function bind(path: string, subject: string, name: string, kind = "Group"): Promise<void> {
  return world.cluster.create(`${rbac}/${path}`, {
    metadata: { name: subject },
    roleRef: rbacRef("ClusterRole", name),
    subjects: [rbacRef(kind, subject)],
  });
}

const review = (...args: string[]) =>
  runCli(["review", ...args], { cwd: directory, env: world.aws.env(world.deployer) });

it("review fails a job for a new administrator, and prints what docs/reviewing-access.md shows", async () => {
  await world.map.reset(yesterday, metadata);
  const before = await review("--cluster", "prod", "-o", "json");
  expect(before).toMatchObject({ code: 0, stderr: "" });
  const since: AccessReview = { ...JSON.parse(before.stdout), createdAt: "2026-11-24T04:00:00.000Z" };
  await writeFile(join(directory, "yesterday.json"), JSON.stringify(since));
  const failOn = ["--cluster", "prod", "--since", "yesterday.json", "--fail-on", "change"];
  expect(await review(...failOn)).toMatchObject({ code: 0 });

  await world.map.reset(today, metadata);
  const { code, stdout } = await review(...failOn);
  expect(code).toBe(1);
  const command = "$ npx pulumi-aws-auth review --cluster prod --since yesterday.json";
  const shown = await readBlock("docs/reviewing-access.md", command);
  const steady = stdout.replace(/(?<=\t)\d{4}-\d\d-\d\d(?=\t)/g, "2026-11-20");
  expect(steady).toBe(shown.slice(shown.indexOf("\n") + 1));
});

it("review reports rights and clusters that it cannot read", async () => {
  await world.map.reset(today, metadata);
  const gone = world.cluster.kubeconfig("deployer").replace(world.cluster.server, "https://127.0.0.1:9");
  await writeFile(join(directory, "gone.yaml"), gone);
  const kubeconfigs = ["gone.yaml", world.cluster.kubeconfigFile()].map((file) => `- kubeconfig: ${file}\n`);
  await writeFile(join(directory, "clusters.yaml"), kubeconfigs.join(""));
  const both = await review("--clusters", "clusters.yaml", "-o", "json");
  const { clusters, unread }: AccessReview = JSON.parse(both.stdout);
  expect(clusters.map(({ unknown, identities }) => [unknown, identities.length])).toEqual([[[], 3]]);
  expect([both.code, unread.map(({ code }) => code)]).toEqual([2, ["clusterUnreachable"]]);

  await world.cluster.request("DELETE", `${rbac}/clusterrolebindings/deployer`);
  const blind = await review("--kubeconfig", world.cluster.kubeconfigFile("deployer"), "-o", "json");
  const rights = expect.stringMatching(/^rights are unknown.*returned 403/);
  expect([blind.code, JSON.parse(blind.stdout).clusters[0].unknown]).toEqual([2, [rights]]);
});
