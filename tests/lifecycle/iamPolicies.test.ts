import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { AccessPolicy } from "../../provider/accessEntries/accessEntry.ts";
import { connectionTo } from "../../provider/cluster/connect.ts";
import type { AccessEntryApi } from "../../provider/cluster/eks/accessEntryApi.ts";
import { statusBody } from "../support/cluster/apiServer.ts";
import {
  account,
  adminPolicy,
  declaredEntry,
  devArn,
  type EntriesWorld,
  entriesWorld,
} from "../support/eks/entriesWorld.ts";
import {
  actionsOf,
  documentedPolicy,
  isAllowed,
  type PolicyDocument,
  withoutAction,
} from "../support/eks/iamPolicy.ts";
import { accessPolicyArn } from "../support/eks/rules.ts";
import { repository } from "../support/engine/testProject.ts";
import { it as base } from "../support/lifecycle/fixture.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { World } from "../support/lifecycle/world.ts";

const example = join(repository, "examples", "team-stacks", "team-a.policy.json");
const teamPolicy = JSON.parse(readFileSync(example, "utf8"));
const mine = `arn:aws:iam::${account}:role/team-a/team-a-developers`;
const other = `arn:aws:iam::${account}:role/team-b/team-b-developers`;
const claim = "pulumi-aws-auth/claim";

/** The mapping of the example, in a cluster of the test. */
function programOf(changed: object = {}) {
  const cluster = { name: "prod", region: "eu-central-1" };
  const content = { arn: mine, username: "team-a:{{SessionName}}", groups: ["team-a:developers"] };
  return { mappings: { developers: { cluster, authenticationMode: "API", ...content, ...changed } } };
}

/** A cluster in mode `API` with an access entry of another team. */
const it = base
  .extend("eks", async () => {
    const eks = await entriesWorld("API");
    eks.aws.principals.create(mine);
    eks.aws.principals.create(other);
    eks.clock.behind -= 30_000;
    eks.aws.addServiceEntry("prod", other, { type: "STANDARD", username: "team-b", policies: ["AmazonEKSViewPolicy"] });
    return eks;
  })
  .extend("stack", ({ eks: _eks }) => new Stack(Object.assign(new World(), { connectionTo })))
  .extend("team", ({ eks }) => eks.aws.attach(eks.deployer, teamPolicy));

describe("the policy for a team's stack", () => {
  it("lets it create, refresh and delete the entry of its own role, without access to Kubernetes", async ({
    eks,
    stack,
    team: _team,
  }) => {
    eks.kubernetes.defaultFault = () => ({ status: 403, body: statusBody(403, "Forbidden", "no") });
    const gains = "info: role/team-a-developers: gains group team-a:developers";
    expect(await stack.preview(programOf())).toMatchObject({ refused: [], messages: [gains] });
    expect(await stack.up(programOf())).toEqual([]);
    expect(await stack.refresh()).toEqual([]);
    expect(await stack.preview(programOf())).toMatchObject({ steps: { developers: "same" }, messages: [] });
    expect(await stack.destroy()).toEqual([]);
    expect(eks.aws.entry("prod", mine)).toBeUndefined();
    eks.aws.cluster("prod").mode = "API_AND_CONFIG_MAP";
    const notCompared = expect.stringMatching(/^info: aws-auth is not compared, since it cannot be read/);
    expect(await stack.preview(programOf())).toMatchObject({ refused: [], messages: [notCompared, gains] });
  });

  const nodes = { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] };
  it.for<[title: string, changed: object, action: string]>([
    ["the role of another team", { arn: other, adopt: true }, "eks:TagResource"],
    ["a role outside of its path", { arn: devArn }, "eks:CreateAccessEntry"],
    ["a group of administrators", { groups: ["team-a:developers", "admins"] }, "eks:CreateAccessEntry"],
    ["another username", { username: "admin" }, "eks:CreateAccessEntry"],
    ["the default username", { username: undefined }, "eks:CreateAccessEntry"],
    ["an administrator", { groups: ["system:masters"] }, "eks:AssociateAccessPolicy"],
    ["nodes", nodes, "eks:CreateAccessEntry"],
  ])("does not let it map %s", async ([, changed, action], { eks, stack, team: _team }) => {
    const before = eks.aws.entries("prod");
    expect(await stack.up(programOf(changed))).toEqual([
      expect.stringMatching(new RegExp(`^EKS cluster "prod" .*cannot perform ${action} \\(.*; allow it in IAM$`)),
    ]);
    expect(eks.aws.entries("prod")).toEqual(before);
  });

  it("lets it change groups only by destroying the mapping first", async ({ eks, stack, team: _team }) => {
    await stack.up(programOf());
    const changed = programOf({ groups: ["team-a:operators"] });
    expect(await stack.up(changed)).toEqual([expect.stringContaining("cannot perform eks:UpdateAccessEntry (")]);
    expect(eks.aws.entry("prod", mine)?.kubernetesGroups).toEqual(["team-a:developers"]);
    expect(await stack.destroy()).toEqual([]);
    expect(await stack.up(changed)).toEqual([]);
    expect(eks.aws.entry("prod", mine)?.kubernetesGroups).toEqual(["team-a:operators"]);
  });

  const edit = accessPolicyArn("AmazonEKSEditPolicy");
  const associated = (policyArn: string, ...namespaces: string[]): AccessPolicy => ({
    policyArn,
    scope: namespaces.length === 0 ? { type: "cluster" } : { type: "namespace", namespaces },
  });
  const [associate, own] = ["eks:AssociateAccessPolicy", declaredEntry({ principalArn: mine, username: "team-a:x" })];
  /** @param entryArn the access entry of another team. */
  type Call = (api: AccessEntryApi, entryArn: string) => Promise<unknown>;
  it.for<[title: string, refused: string | undefined, call: Call]>([
    ["a policy in its namespace", undefined, (api) => api.associate(mine, associated(edit, "team-a"))],
    ["a policy also in another namespace", associate, (api) => api.associate(mine, associated(edit, "team-a", "x"))],
    ["a policy in all namespaces", associate, (api) => api.associate(mine, associated(edit, "*"))],
    ["a policy in the cluster", associate, (api) => api.associate(mine, associated(edit))],
    ["the administrators' policy", associate, (api) => api.associate(mine, associated(adminPolicy, "team-a"))],
    ["a policy of another team", associate, (api) => api.associate(other, associated(edit, "team-a"))],
    ["a removed policy", undefined, (api) => api.disassociate(mine, edit)],
    ["another team's removed policy", "eks:DisassociateAccessPolicy", (api) => api.disassociate(other, edit)],
    ["an update", "eks:UpdateAccessEntry", (api) => api.update({ ...own, groups: [] })],
    ["another team's entry, to read", undefined, (api) => api.read(other)],
    ["another team's entry, to delete", "eks:DeleteAccessEntry", (api) => api.delete(other)],
    ["another team's claim, to write", "eks:TagResource", (api, arn) => api.tag(arn, { [claim]: "x" })],
    ["another team's claim, to remove", "eks:UntagResource", (api, arn) => api.untag(arn, [claim])],
  ])("decides on %s; it refuses %s", async ([, refused, call], { eks: { aws, api }, team: _team }) => {
    await api.create({ ...own, groups: [] }, { [claim]: "x" });
    await api.associate(mine, associated(edit, "team-a"));
    const called = call(api, aws.entry("prod", other)?.accessEntryArn ?? "");
    await (refused === undefined ? called : expect(called).rejects.toThrow(`cannot perform ${refused} (`));
  });
});

describe("the policies in docs/permissions.md", () => {
  const ann = `arn:aws:iam::${account}:user/ann`;
  const off = { AWS_AUTH_LOCKOUT_PROTECTION: "off" };

  /** The messages of a preview and a refresh of a role and a user, which exist in the access entries, or in both places. */
  async function read({ aws, deployer }: EntriesWorld, stack: Stack, policy: PolicyDocument, mode?: "API") {
    aws.principals.create(ann);
    aws.cluster("prod").mode = mode ?? "API_AND_CONFIG_MAP";
    const user = { ...programOf().mappings.developers, arn: ann, username: "ann", authenticationMode: mode };
    const { developers } = programOf({ authenticationMode: mode }).mappings;
    const program = { mappings: { developers, ann: user } };
    for (const { arn, username, groups } of mode === undefined ? [developers, user] : []) {
      aws.addServiceEntry("prod", arn, { type: "STANDARD", username, groups });
    }
    expect(await stack.up(program)).toEqual([]);
    aws.attach(deployer, policy);
    const { refused, messages } = await stack.preview(program);
    const failures = await stack.refresh().then(
      () => stack.messages,
      (error: unknown) => [String(error)],
    );
    return { refused, messages: [...messages, ...failures] };
  }

  /** The errors of creating, changing and deleting a mapping, and of deleting it when no mapping can have its access entry. */
  async function write({ aws }: EntriesWorld, stack: Stack): Promise<readonly string[]> {
    const errors = [
      await stack.up({ ...programOf({ groups: ["system:masters"] }), env: off }),
      await stack.up({ ...programOf(), env: off }),
      await stack.destroy(off),
      await stack.up(programOf()),
    ];
    const { tags } = aws.entry("prod", mine) ?? {};
    aws.cluster("prod").entries.delete(mine);
    aws.addServiceEntry("prod", mine, { type: "HYPERPOD_LINUX", tags });
    return [...errors, await stack.destroy()].flat();
  }

  it.for(["API", undefined] as const)(
    "for reading allow a preview and a refresh with authenticationMode %s",
    async (mode, { eks, stack }) => {
      expect(await read(eks, stack, await documentedPolicy("reads"), mode)).toEqual({ refused: [], messages: [] });
    },
  );

  const notCompared = "access entries are not compared, since they cannot be read";
  const fromIam = "it is unknown whether roles and users exist, and whether their access entries still grant access";
  /** The start of the message of a stack that stores its mappings in aws-auth; without one, the preview fails. */
  const reading: Readonly<Record<string, string | undefined>> = {
    "eks:DescribeCluster": undefined,
    "eks:ListAccessEntries": notCompared,
    "eks:DescribeAccessEntry": notCompared,
    "eks:ListAssociatedAccessPolicies": notCompared,
    "iam:GetRole": fromIam,
    "iam:GetUser": fromIam,
  };
  const needed = Object.entries(reading).flatMap(([action, start]) => [
    { action, start, mode: undefined, isRefused: start === undefined },
    { action, start, mode: "API" as const, isRefused: start !== fromIam },
  ]);
  it.for(needed)(
    "for reading are needed with authenticationMode $mode: $action",
    async ({ action, start, mode, isRefused }, { eks, stack }) => {
      const policy = withoutAction(await documentedPolicy("reads"), action);
      const { refused, messages } = await read(eks, stack, policy, mode);
      const shown = isRefused ? refused : messages.filter((text) => text.startsWith(`info: ${start}: `));
      expect(shown).toContainEqual(expect.stringContaining(`cannot perform ${action} (`));
      expect(refused.length > 0).toBe(isRefused);
    },
  );

  it("for writing allow all changes of a mapping", async ({ eks, stack }) => {
    eks.aws.attach(eks.deployer, await documentedPolicy("reads", "writes"));
    expect(await write(eks, stack)).toEqual([]);
  });

  const writing = ["Create", "Update", "Delete"].map((verb) => `eks:${verb}AccessEntry`);
  writing.push("eks:TagResource", "eks:UntagResource", "eks:AssociateAccessPolicy", "eks:DisassociateAccessPolicy");
  it.for(writing)("for writing are needed: %s", async (action, { eks, stack }) => {
    eks.aws.attach(eks.deployer, withoutAction(await documentedPolicy("reads", "writes"), action));
    const [error] = await write(eks, stack);
    expect(error).toContain(`cannot perform ${action} (`);
  });

  it("for writing allow no other access policy", async ({ eks: { aws, api, deployer } }) => {
    await api.create(declaredEntry({ principalArn: mine, username: "x" }), {});
    aws.attach(deployer, await documentedPolicy("reads", "writes"));
    const view = { policyArn: accessPolicyArn("AmazonEKSViewPolicy"), scope: { type: "cluster" } } as const;
    await expect(api.associate(mine, view)).rejects.toThrow("cannot perform eks:AssociateAccessPolicy (");
    await api.associate(mine, { ...view, policyArn: adminPolicy });
  });

  it("list no other actions", async () => {
    expect(actionsOf(await documentedPolicy("reads")).toSorted()).toEqual(Object.keys(reading).toSorted());
    expect(actionsOf(await documentedPolicy("writes")).toSorted()).toEqual(writing.toSorted());
  });
});

it.for(["cluster/prod", "cluster/prod/createaccessentry", "/createaccessentry"])(
  "both policies allow the claim of a new access entry if EKS checks its tag on %s",
  async (name) => {
    const resource = `arn:aws:eks:eu-central-1:${account}:${name}`;
    const call = { action: "eks:TagResource", resource, values: { "aws:TagKeys": [claim] } };
    const policies = [await documentedPolicy("writes"), teamPolicy];
    expect(policies.map((policy) => isAllowed(policy, call))).toEqual([true, true]);
    expect(isAllowed(teamPolicy, { ...call, values: { "aws:TagKeys": [claim, "team"] } })).toBe(false);
  },
);
