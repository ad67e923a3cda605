import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { credentialsOf, tokenFor } from "../support/aws/caller.ts";
import { whoIs } from "../support/cluster/apiClient.ts";
import { documentedObjects, rbac, rbacRef } from "../support/cluster/awsAuth.ts";
import { type AccessEntryCluster, account, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { ApiAuthorizer } from "../support/rbac/apiAuthorizer.ts";
import { entry, nodes, role } from "../support/transcripts/declarations.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { sdkVariant } from "../support/variants/variant.ts";

const admin = entry("admin", "admin", "system:masters");
const second = entry("second", "second", "system:masters");
const ghost = entry("ghost", "ghost", "system:masters");
const windows = nodes
  .replace("role/nodes", "role/windows")
  .replace("  - system:nodes", "  - system:nodes\n  - eks:kube-proxy-windows");

let world: AccessEntryCluster;
let project: TestProject;

beforeAll(async () => {
  world = await startEntryCluster();
  project = await world.add("test", "");
  for (const name of ["admin", "second", "windows", "pipeline"]) {
    world.aws.principals.create(role(name));
  }
});
afterAll(() => world?.stop());
beforeEach(() => world.aws.cluster("prod").entries.clear());

/** Previews a program that makes the role of an existing entry a viewer. */
async function demote(name: string, mapRoles: string) {
  await world.map.reset({ mapRoles });
  const viewer = { arn: role(name), username: name, groups: ["viewers"], adopt: true };
  await project.program(sdkVariant.program(withoutOptions({ [name]: viewer })));
  return project.preview();
}

/** Binds a ClusterRole, and creates it if rules are given. */
async function bind(subject: ReturnType<typeof rbacRef>, name: string, rules?: unknown): Promise<void> {
  if (rules !== undefined) {
    await world.cluster.create(`${rbac}/clusterroles`, { metadata: { name }, rules });
  }
  const binding = { roleRef: rbacRef("ClusterRole", name), subjects: [subject] };
  await world.cluster.create(`${rbac}/clusterrolebindings`, { metadata: { name: `bound-${name}` }, ...binding });
}

const lastAdministrator = { code: 1, output: expect.stringContaining("the last administrator of EKS cluster") };
const accepted = { code: 0, output: expect.not.stringContaining("administrator") };

it("refuses to remove the last administrator through a binding, if the run may list bindings", async () => {
  await bind(rbacRef("Group", "ops"), "cluster-admin");
  const ops = entry("admin", "admin", "ops");
  expect(await demote("admin", ops)).toMatchObject(accepted);
  const reader = documentedObjects().find(({ metadata }) => metadata.name === "rbac-reader");
  await bind(rbacRef("User", "deployer"), "rbac-reader", reader?.rules);
  expect(await demote("admin", ops)).toMatchObject(lastAdministrator);
  expect(await demote("admin", ops + entry("second", "second", "ops"))).toMatchObject(accepted);
});

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

it.each([
  ["all", verbs, lastAdministrator],
  ["some", verbs.slice(1), accepted],
])("takes the holder of %s verbs for an administrator if the API server allows each", async (name, granted, result) => {
  await bind(rbacRef("Group", name), name, [{ verbs: granted, apiGroups: ["*"], resources: ["*"] }]);
  const api = new ApiAuthorizer(world.cluster);
  const object = { group: "*", resource: "*", subresource: "", name: "", namespace: "" };
  const reviews = () => Promise.all(verbs.map((verb) => api.review({ user: "", groups: [name] }, { verb, ...object })));
  await expect
    .poll(async () => (await reviews()).map(({ allowed }) => allowed))
    .toEqual(verbs.map((verb) => granted.includes(verb)));
  expect(await demote("admin", entry("admin", "admin", name))).toMatchObject(result);
});

it("ignores an administrator whose role IAM does not have", async () => {
  const preview = await demote("admin", admin + ghost);
  expect(preview).toMatchObject(lastAdministrator);
  expect(preview.output).toContain(
    `("${role("ghost")}" cannot administer it, because IAM has no role or user with this name)`,
  );
  expect(await demote("admin", admin + ghost + second)).toMatchObject(accepted);
});

it("refuses to remove the last Windows nodes although Linux nodes remain", async () => {
  const output = expect.stringContaining("the last role for Windows nodes of EKS cluster");
  expect(await demote("windows", nodes + windows)).toMatchObject({ code: 1, output });
});

it("warns that access entries cannot be read when an administrator is removed", async () => {
  const { aws, deployer } = world;
  aws.permit(deployer, ["eks:DescribeCluster", "iam:GetRole"]);
  const { output, code } = await demote("admin", admin + second);
  aws.permit(deployer, ["*"]);
  expect(code).toBe(0);
  expect(output).toMatch(
    /warning: this change removes arn "\S+admin", an administrator .* \(access entries cannot be read: .*eks:ListAccessEntries/,
  );
});

it("refuses to map the caller's role with fewer rights than those from its account's entry", async () => {
  const arn = role("pipeline");
  const { aws, cluster, map } = world;
  await bind(rbacRef("User", arn), "pipeline", [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }]);
  await map.reset({ mapRoles: "[]\n", mapAccounts: `["${account}"]\n` });
  const caller = aws.caller("pipeline", `arn:aws:sts::${account}:assumed-role/pipeline/run-7`);
  const user = async () => (await whoIs(cluster, await tokenFor(caller, "prod")))?.username;
  await expect.poll(user, { timeout: 60_000 }).toBe(arn);
  const inPipeline = project.with(credentialsOf(caller));
  const declare = (username: string) =>
    project.program(sdkVariant.program(withoutOptions({ pipeline: { arn, username, groups: ["viewers"] } })));
  await declare("pipeline");
  const output = expect.stringContaining("the identity of this run; use other credentials");
  expect(await inPipeline.preview()).toMatchObject({ code: 1, output });
  await declare(arn);
  expect(await inPipeline.preview()).toMatchObject({ code: 0 });
});
