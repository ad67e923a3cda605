import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { repository } from "../../../support/engine/testProject.ts";
import { account, addEntries, adminPolicy, devArn, entriesWorld, limits, ref, says } from "./entriesWorld.ts";

const admin = { policyArn: adminPolicy, scope: { type: "cluster" } } as const;
const view = {
  policyArn: adminPolicy.replace("ClusterAdmin", "View"),
  scope: { type: "namespace", namespaces: ["dev", "test"] },
} as const;

describe("the access entries of a cluster", () => {
  it("are made, changed, tagged and deleted, and read with their policies", async () => {
    const { aws, api } = await entriesWorld();
    await api.create(says({ groups: ["a", "b"] }), { team: "x" });
    await api.associate(devArn, admin);
    await api.associate(devArn, view);
    const made = await api.read(devArn);
    expect(made).toMatchObject({
      ...says({ groups: ["a", "b"] }),
      policies: expect.arrayContaining([admin, view]),
      tags: { team: "x" },
      arn: aws.entry("prod", devArn)?.accessEntryArn,
    });
    expect(made?.createdAt.getTime()).toBe(aws.entry("prod", devArn)?.createdAt);
    await api.update(says({ username: "dev:{{SessionName}}", groups: [] }));
    await api.disassociate(devArn, adminPolicy);
    await api.tag(made?.arn ?? "", { more: "y" });
    await api.untag(made?.arn ?? "", ["team"]);
    expect(await api.read(devArn)).toMatchObject({
      username: "dev:{{SessionName}}",
      groups: [],
      policies: [view],
      tags: { more: "y" },
    });
    await api.delete(devArn);
    expect(await api.read(devArn)).toBeUndefined();
  });

  it("of nodes are made without username and groups, which EKS gives itself", async () => {
    const { api } = await entriesWorld();
    const asItIs = { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] };
    await api.create(says({ type: "EC2_LINUX", ...asItIs }), {});
    expect(await api.read(devArn)).toMatchObject({ type: "EC2_LINUX", username: "system:node:{{EC2PrivateDNSName}}" });
  });

  it("are gone for whoever takes away what is gone", async () => {
    const { api } = await entriesWorld();
    await api.delete(devArn);
    await api.disassociate(devArn, adminPolicy);
    await api.untag(`arn:aws:eks:eu-central-1:${account}:access-entry/prod/role/${account}/dev/1`, ["team"]);
    expect(await api.read(devArn)).toBeUndefined();
  });

  it.each([
    ["update", (api) => api.update(says())],
    ["associate", (api) => api.associate(devArn, admin)],
    [
      "tag",
      (api) => api.tag(`arn:aws:eks:eu-central-1:${account}:access-entry/prod/role/${account}/dev/1`, { a: "b" }),
    ],
  ] satisfies [string, (api: AccessEntryApi) => Promise<void>][])(
    "that are gone are no success for %s",
    async (_name, change) => {
      const { settings } = await entriesWorld();
      const hasty = { ...limits, unseen: { total: 30, first: 10, most: 10 } };
      await expect(change(new AccessEntryApi(ref, settings, undefined, hasty))).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(/^EKS cluster "prod" \(eu-central-1\) has no access entry of "arn:.*" any more/),
      });
    },
  );

  it("are changed although EKS does not show them yet", async () => {
    const { aws, api } = await entriesWorld();
    aws.behaviour.lag = { reads: 3 };
    await api.create(says(), {});
    await api.associate(devArn, admin);
    expect(aws.entry("prod", devArn)?.policies).toMatchObject([{ policyArn: adminPolicy }]);
    expect(aws.calls.filter(({ operation }) => operation === "AssociateAccessPolicy").length).toBeGreaterThan(1);
  });

  it("are made for a role that EKS does not know yet, since it was made a moment ago", async () => {
    const { aws, api, clock } = await entriesWorld();
    clock.behind = 0;
    const arn = aws.principals.create(`arn:aws:iam::${account}:role/new`).arn;
    aws.behaviour.newPrincipalLag = 400;
    await api.create(says({ principalArn: arn }), {});
    expect(aws.entry("prod", arn)).toBeDefined();
    expect(aws.calls.some(({ status }) => status === 400)).toBe(true);
  });

  it("are refused at once for their content, and after a while for a role that does not exist", async () => {
    const { aws, api, settings } = await entriesWorld();
    await expect(api.create(says({ username: "system:x" }), {})).rejects.toMatchObject({ code: "rejected" });
    expect(aws.calls.filter(({ operation }) => operation === "CreateAccessEntry")).toHaveLength(1);
    const hasty = new AccessEntryApi(ref, settings, undefined, {
      ...limits,
      unseen: { total: 30, first: 10, most: 10 },
    });
    const missing = says({ principalArn: `arn:aws:iam::${account}:role/none` });
    await expect(hasty.create(missing, {})).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringMatching(
        /AWS refuses eks:CreateAccessEntry \(.* principalArn is invalid.*; the role or user/,
      ),
    });
  });

  it("that are there already are a conflict", async () => {
    const { api } = await entriesWorld();
    await api.create(says(), {});
    await expect(api.create(says({ username: "other" }), {})).rejects.toMatchObject({ code: "conflict" });
  });

  it("are at most as many as EKS allows", async () => {
    const { aws, api } = await entriesWorld();
    aws.behaviour.mostEntries = 0;
    await expect(api.create(says(), {})).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringContaining("Access entry limit of 0 exceeded"),
    });
  });

  it("are refused by a cluster that does not know them", async () => {
    const { api } = await entriesWorld("CONFIG_MAP");
    expect(await api.cluster()).toEqual({ authenticationMode: "CONFIG_MAP", account, partition: "aws" });
    await expect(api.list()).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringContaining("must be set to one of [API, API_AND_CONFIG_MAP]"),
    });
  });

  it("are told of a recreated role by its date", async () => {
    const { aws, api, clock } = await entriesWorld();
    await api.create(says(), {});
    const entry = await api.read(devArn);
    const isDead = async () => {
      const principal = await api.principal(devArn);
      return principal && entry && entry.createdAt < principal.createdAt;
    };
    expect(await isDead()).toBe(false);
    clock.behind -= 5_000;
    aws.principals.recreate(devArn);
    expect(await isDead()).toBe(true);
  });
});

describe("many access entries", () => {
  it("are listed page by page, and read so many side by side", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 230);
    const { aws, api } = world;
    expect((await api.list()).toSorted()).toEqual(arns.toSorted());
    expect(aws.calls.map(({ operation }) => operation)).toEqual(Array(3).fill("ListAccessEntries"));
    // Nobody is answered before as many as may be are under way, and others have had the time to come.
    const full = Promise.withResolvers<undefined>();
    aws.before = async ({ atOnce }) => {
      if (atOnce === 8) {
        for (let turn = 0; turn < 200; turn += 1) {
          await setImmediate();
        }
        full.resolve(undefined);
      }
      return full.promise;
    };
    const entries = await Promise.all(arns.map((arn) => api.read(arn)));
    expect(entries.map((entry) => entry?.username)).toEqual(arns.map((arn) => arn.split("/").at(-1)));
    expect(aws.mostAtOnce).toBe(8);
  });

  it("are listed once each, also where a page repeats one", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 200);
    const { aws, api } = world;
    // EKS goes on after an entry, and of those that are made again some come back behind it.
    aws.before = async ({ operation, number }) => {
      if (operation === "ListAccessEntries" && number > 1) {
        aws.before = undefined;
        for (const arn of arns.slice(0, 50)) {
          await api.delete(arn);
          await api.create(says({ principalArn: arn }), {});
        }
      }
      return undefined;
    };
    const listed = await api.list();
    expect(new Set(listed).size).toBe(listed.length);
  });

  it("are read although EKS throttles the calls, within a limit", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 10);
    const { aws, api } = world;
    aws.throttle({ every: 3 });
    expect(await Promise.all(arns.map((arn) => api.read(arn)))).not.toContain(undefined);
    expect(aws.calls.some(({ status }) => status === 429)).toBe(true);
    aws.throttle({ every: 1 });
    aws.forgetCalls();
    await expect(api.list()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message:
        'EKS cluster "prod" (eu-central-1): AWS does not respond to eks:ListAccessEntries (ThrottlingException: Rate exceeded); try again later',
    });
    expect(aws.calls).toHaveLength(8);
  });

  it("are made once where the connection is cut before or after", async () => {
    const { aws, api } = await entriesWorld();
    aws.after = ({ number }) => (number === 1 ? "cut" : undefined);
    await api.create(says(), {});
    expect(aws.calls.map(({ status }) => status)).toEqual([undefined, 200]);
    aws.after = undefined;
    aws.before = () => "cut";
    await expect(api.list()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringContaining("AWS in eu-central-1 cannot be reached"),
    });
  });
});

const entryArn = `arn:aws:eks:eu-central-1:${account}:access-entry/prod/role/${account}/dev/1`;
const actions: Record<string, (api: AccessEntryApi) => Promise<unknown>> = {
  "eks:DescribeCluster": (api) => api.cluster(),
  "eks:ListAccessEntries": (api) => api.list(),
  "eks:DescribeAccessEntry": (api) => api.read(devArn),
  "eks:ListAssociatedAccessPolicies": (api) => api.read(devArn),
  "eks:CreateAccessEntry": (api) => api.create(says(), {}),
  "eks:TagResource": (api) => api.create(says(), { team: "x" }),
  "eks:UpdateAccessEntry": (api) => api.update(says()),
  "eks:AssociateAccessPolicy": (api) => api.associate(devArn, admin),
  "eks:DisassociateAccessPolicy": (api) => api.disassociate(devArn, adminPolicy),
  "eks:UntagResource": (api) => api.untag(entryArn, ["a"]),
  "eks:DeleteAccessEntry": (api) => api.delete(devArn),
  "iam:GetRole": (api) => api.principal(devArn),
  "iam:GetUser": (api) => api.principal(`arn:aws:iam::${account}:user/deployer`),
  "eks:ListNodegroups": (api) => api.eksRoles(),
  "eks:DescribeNodegroup": (api) => api.eksRoles(),
  "eks:ListFargateProfiles": (api) => api.eksRoles(),
  "eks:DescribeFargateProfile": (api) => api.eksRoles(),
};

describe("a missing permission is named by its action", () => {
  it.each(Object.keys(actions))("%s", async (action) => {
    const { aws, api, deployer } = await entriesWorld();
    aws.addNodegroup("prod", { nodegroupName: "n", nodeRole: devArn });
    aws.addFargateProfile("prod", { fargateProfileName: "f", podExecutionRoleArn: devArn });
    if (action.includes("Create") || action === "eks:TagResource") {
      await api.delete(devArn);
    }
    aws.permit(
      deployer,
      Object.keys(actions).filter((other) => other !== action),
    );
    await expect(actions[action]?.(api)).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringMatching(
        new RegExp(`^EKS cluster "prod" .*: the default AWS credentials may not do ${action} \\(`),
      ),
    });
  });
});

it("each permission is in a policy of docs/permissions.md, and none that nothing needs", async () => {
  const page = await readFile(join(repository, "docs", "permissions.md"), "utf8");
  const documented = page.match(/(?<=")(?:eks|iam):\w+(?=")/g);
  expect([...new Set(documented)].toSorted()).toEqual(Object.keys(actions).toSorted());
});

describe("the roles of node groups and Fargate profiles", () => {
  it("are all found, page by page", async () => {
    const { aws, api } = await entriesWorld();
    for (let index = 0; index < 103; index += 1) {
      aws.addNodegroup("prod", { nodegroupName: `n${index}`, nodeRole: devArn });
    }
    aws.addFargateProfile("prod", { fargateProfileName: "f", podExecutionRoleArn: `${devArn}-pods` });
    expect(await api.eksRoles()).toEqual([...Array.from({ length: 103 }, () => devArn), `${devArn}-pods`]);
  });
});

it("nothing is waited for where nothing is to be waited for", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const { api } = await entriesWorld();
  await api.create(says(), {});
  await api.associate(devArn, admin);
  expect(timers.mock.calls.filter(([, delay]) => delay === limits.unseen.first)).toEqual([]);
});
