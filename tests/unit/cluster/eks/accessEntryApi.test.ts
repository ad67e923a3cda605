import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { expectFailure } from "../../../support/cluster/kubeconfigs.ts";
import { eksError } from "../../../support/eks/awsError.ts";
import {
  account,
  addEntries,
  adminPolicy,
  declaredEntry,
  devArn,
  type EntriesWorld,
  entriesWorld,
  limits,
  ref,
} from "../../../support/eks/entriesWorld.ts";
import { repository } from "../../../support/engine/testProject.ts";

const admin = { policyArn: adminPolicy, scope: { type: "cluster" } } as const;
const view = {
  policyArn: adminPolicy.replace("ClusterAdmin", "View"),
  scope: { type: "namespace", namespaces: ["dev", "test"] },
} as const;
const dev = { partition: "aws", account, kind: "role", path: "eng/", name: "dev" } as const;
const goneArn = `arn:aws:eks:eu-central-1:${account}:access-entry/prod/role/${account}/dev/1`;

const withShortLimits = ({ settings }: EntriesWorld) =>
  new AccessEntryApi(ref, settings, undefined, { ...limits, found: { total: 30, first: 10, most: 10 } });

describe("the access entries of a cluster", () => {
  it("are created, changed, tagged, deleted and read with their policies, without waiting", async () => {
    const { aws, api } = await entriesWorld();
    const timers = vi.spyOn(globalThis, "setTimeout");
    await api.create(declaredEntry({ groups: ["a", "b"] }), { team: "x" });
    await api.associate(devArn, admin);
    await api.associate(devArn, view);
    const created = await api.read(devArn);
    expect(created).toMatchObject({
      ...declaredEntry({ groups: ["a", "b"] }),
      policies: expect.arrayContaining([admin, view]),
      tags: { team: "x" },
      arn: aws.entry("prod", devArn)?.accessEntryArn,
    });
    expect(created?.createdAt.getTime()).toBe(aws.entry("prod", devArn)?.createdAt);
    await api.update(declaredEntry({ username: "dev:{{SessionName}}", groups: [] }));
    await api.disassociate(devArn, adminPolicy);
    await api.tag(created?.arn ?? "", { more: "y" });
    await api.untag(created?.arn ?? "", ["team"]);
    expect(await api.read(devArn)).toMatchObject({
      username: "dev:{{SessionName}}",
      groups: [],
      policies: [view],
      tags: { more: "y" },
    });
    await api.delete(devArn);
    expect(await api.read(devArn)).toBeUndefined();
    expect(timers.mock.calls.filter(([, delay]) => delay === limits.found.first)).toEqual([]);
    timers.mockRestore();
  });

  it("are created for nodes without username and groups, which EKS sets", async () => {
    const { api } = await entriesWorld();
    const defaults = { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] };
    await api.create(declaredEntry({ type: "EC2_LINUX", ...defaults }), {});
    expect(await api.read(devArn)).toMatchObject({ type: "EC2_LINUX", username: "system:node:{{EC2PrivateDNSName}}" });
  });

  it("need no delete if they are gone", async () => {
    const { api } = await entriesWorld();
    await api.delete(devArn);
    await api.disassociate(devArn, adminPolicy);
    await api.untag(goneArn, ["team"]);
    expect(await api.read(devArn)).toBeUndefined();
  });

  it.each<[string, (api: AccessEntryApi) => Promise<void>]>([
    ["update", (api) => api.update(declaredEntry())],
    ["associate", (api) => api.associate(devArn, admin)],
    ["tag", (api) => api.tag(goneArn, { a: "b" })],
  ])("are reported as gone by %s", async (_name, change) => {
    const message = /^EKS cluster "prod" \(eu-central-1\) has no access entry for "arn:.*"/;
    await expectFailure(change(withShortLimits(await entriesWorld())), "conflict", message);
  });

  it("are changed even if EKS does not show them yet", async () => {
    const { aws, api } = await entriesWorld();
    aws.behaviour.lag = { reads: 3 };
    await api.create(declaredEntry(), {});
    await api.associate(devArn, admin);
    expect(aws.entry("prod", devArn)?.policies).toMatchObject([{ policyArn: adminPolicy }]);
    expect(aws.count("AssociateAccessPolicy")).toBeGreaterThan(1);
  });

  it.each([
    ["is right", 0],
    ["is ahead", -600_000],
  ])("are created for a role that was just created, if the clock of AWS %s", async (_title, behind) => {
    const { aws, api, clock } = await entriesWorld();
    await api.cluster();
    clock.behind = behind;
    const { arn } = aws.principals.create(`arn:aws:iam::${account}:role/new`);
    aws.behaviour.newPrincipalLag = 400;
    await api.create(declaredEntry({ principalArn: arn }), {});
    expect(aws.entry("prod", arn)).toBeDefined();
    expect(aws.calls.some(({ status }) => status === 400)).toBe(true);
  });

  it("are refused at once for invalid content, and after retries for a role that does not exist", async () => {
    const world = await entriesWorld();
    await expectFailure(world.api.create(declaredEntry({ username: "system:x" }), {}), "rejected");
    expect(world.aws.count("CreateAccessEntry")).toBe(1);
    await expectFailure(
      withShortLimits(world).create(declaredEntry({ principalArn: `arn:aws:iam::${account}:role/none` }), {}),
      "rejected",
      /AWS refuses eks:CreateAccessEntry \(.* principalArn is invalid.*; check that the role or user/,
    );
  });

  it("are limited to one per principal and to the quota of EKS", async () => {
    const { aws, api } = await entriesWorld();
    await api.create(declaredEntry(), {});
    await expectFailure(api.create(declaredEntry({ username: "other" }), {}), "conflict");
    await api.delete(devArn);
    aws.behaviour.mostEntries = 0;
    await expectFailure(api.create(declaredEntry(), {}), "rejected", /Access entry limit of 0 exceeded/);
  });

  it("are refused by a cluster in mode CONFIG_MAP", async () => {
    const { api } = await entriesWorld("CONFIG_MAP");
    expect(await api.cluster()).toEqual({ authenticationMode: "CONFIG_MAP", account, partition: "aws" });
    await expectFailure(api.list(), "rejected", /must be set to one of \[API, API_AND_CONFIG_MAP\]/);
  });

  it("are older than a recreated role, by its creation date", async () => {
    const { aws, api, clock } = await entriesWorld();
    await api.create(declaredEntry(), {});
    const { createdAt = new Date(0) } = (await api.read(devArn)) ?? {};
    const isDead = async () => createdAt < ((await api.principal(dev))?.createdAt ?? new Date(0));
    expect(await isDead()).toBe(false);
    clock.behind -= 5_000;
    aws.principals.delete(devArn);
    aws.principals.create(devArn);
    expect(await isDead()).toBe(true);
  });
});

describe("many access entries", () => {
  it("are listed page by page, and read eight at a time", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 230);
    const { aws, api } = world;
    expect((await api.list()).toSorted()).toEqual(arns.toSorted());
    expect(aws.operations).toEqual(Array(3).fill("ListAccessEntries"));
    // No call is answered before eight are in progress and further calls had time to arrive.
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

  it("are listed once each, even if a page repeats one of them", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 200);
    const { aws, api } = world;
    // EKS continues after an entry, and some of the recreated entries are sorted behind it.
    aws.before = async ({ operation, number }) => {
      if (operation === "ListAccessEntries" && number > 1) {
        aws.before = undefined;
        for (const arn of arns.slice(0, 50)) {
          await api.delete(arn);
          await api.create(declaredEntry({ principalArn: arn }), {});
        }
      }
      return undefined;
    };
    const listed = await api.list();
    expect(new Set(listed).size).toBe(listed.length);
  });

  it("are read with retries if EKS throttles the calls, up to a limit", async () => {
    const world = await entriesWorld();
    const arns = await addEntries(world, 10);
    const { aws, api } = world;
    const throttle = (every: number) => {
      const throttled = eksError("ThrottlingException", "Rate exceeded");
      aws.before = ({ number }) => (number % every === 0 ? throttled : undefined);
    };
    throttle(3);
    expect(await Promise.all(arns.map((arn) => api.read(arn)))).not.toContain(undefined);
    expect(aws.calls.some(({ status }) => status === 429)).toBe(true);
    throttle(1);
    aws.forgetCalls();
    await expectFailure(
      api.list(),
      "clusterUnreachable",
      'EKS cluster "prod" (eu-central-1): AWS returned an error for eks:ListAccessEntries (ThrottlingException: Rate exceeded); try again later',
    );
    // The time limit may end the last pause early.
    expect([7, 8]).toContain(aws.calls.length);
  });

  it("are created once if the connection breaks before or after", async () => {
    const { aws, api } = await entriesWorld();
    aws.after = ({ number }) => (number === 1 ? "cut" : undefined);
    await api.create(declaredEntry(), {});
    expect(aws.calls.map(({ status }) => status)).toEqual([undefined, 200]);
    aws.after = undefined;
    aws.before = () => "cut";
    await expectFailure(api.list(), "clusterUnreachable", /AWS in eu-central-1 cannot be reached/);
  });
});

const actions: Record<string, (api: AccessEntryApi) => Promise<unknown>> = {
  "eks:DescribeCluster": (api) => api.cluster(),
  "eks:ListAccessEntries": (api) => api.list(),
  "eks:DescribeAccessEntry": (api) => api.read(devArn),
  "eks:ListAssociatedAccessPolicies": (api) => api.read(devArn),
  "eks:CreateAccessEntry": (api) => api.create(declaredEntry(), {}),
  "eks:TagResource": (api) => api.create(declaredEntry(), { team: "x" }),
  "eks:UpdateAccessEntry": (api) => api.update(declaredEntry()),
  "eks:AssociateAccessPolicy": (api) => api.associate(devArn, admin),
  "eks:DisassociateAccessPolicy": (api) => api.disassociate(devArn, adminPolicy),
  "eks:UntagResource": (api) => api.untag(goneArn, ["a"]),
  "eks:DeleteAccessEntry": (api) => api.delete(devArn),
  "iam:GetRole": (api) => api.principal(dev),
  "iam:GetUser": (api) => api.principal({ ...dev, kind: "user", name: "deployer" }),
  "iam:ListRoles": (api) => api.ssoRoles(),
  "eks:ListNodegroups": (api) => api.eksRoles(),
  "eks:DescribeNodegroup": (api) => api.eksRoles(),
  "eks:ListFargateProfiles": (api) => api.eksRoles(),
  "eks:DescribeFargateProfile": (api) => api.eksRoles(),
};

describe("a missing permission", () => {
  it.each(Object.keys(actions))("is reported with its action, %s", async (action) => {
    const { aws, api, deployer } = await entriesWorld();
    aws.addNodegroup("prod", { nodegroupName: "n", nodeRole: devArn });
    aws.addFargateProfile("prod", { fargateProfileName: "f", podExecutionRoleArn: devArn });
    if (/Create|TagResource/.test(action)) {
      await api.delete(devArn);
    }
    const others = Object.keys(actions).filter((other) => other !== action);
    aws.permit(deployer, others);
    await expectFailure(
      actions[action]?.(api) ?? Promise.resolve(),
      "accessDenied",
      new RegExp(`^EKS cluster "prod" .*: the default AWS credentials cannot perform ${action} \\(`),
    );
  });

  it("is documented in docs/permissions.md, which lists no unused action", async () => {
    const page = await readFile(join(repository, "docs", "permissions.md"), "utf8");
    const documented = page.match(/(?<=")(?:eks|iam):[A-Z]\w+(?=")/g);
    expect([...new Set(documented)].toSorted()).toEqual(Object.keys(actions).toSorted());
  });
});

it("eksRoles finds all roles of node groups, Fargate profiles and Auto Mode, page by page", async () => {
  const { aws, api } = await entriesWorld();
  for (let index = 0; index < 103; index += 1) {
    aws.addNodegroup("prod", { nodegroupName: `n${index}`, nodeRole: devArn });
  }
  aws.addFargateProfile("prod", { fargateProfileName: "f", podExecutionRoleArn: `${devArn}-pods` });
  aws.cluster("prod").nodeRole = `${devArn}-auto`;
  expect(await api.eksRoles()).toEqual([
    `${devArn}-auto`,
    ...Array.from({ length: 103 }, () => devArn),
    `${devArn}-pods`,
  ]);
});
