import { beforeEach, describe, expect, test, vi } from "vitest";
import { AccessEntryApi } from "../../../provider/cluster/eks/accessEntryApi.ts";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import { identityOf } from "../../../provider/identity/identity.ts";
import { readCluster } from "../../../provider/reports/readCluster.ts";
import { Authorizer } from "../../../provider/rights/authorizer.ts";
import { canI } from "../../../provider/rights/verdicts.ts";
import { KnownEntries } from "../../../provider/session/knownEntries.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, settingsOf } from "../../support/cluster/kubeconfigs.ts";
import { AwsError } from "../../support/eks/awsError.ts";
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
} from "../../support/eks/entriesWorld.ts";
import type { EksStandIn } from "../../support/eks/standIn.ts";
import { waitedTime } from "../../support/waitedTime.ts";

const denied = new AwsError("AccessDeniedException", 403, "no");
const roleDev = `arn:aws:iam::${account}:role/dev`;

const it = test
  .extend("world", () => entriesWorld())
  .extend("tell", () => vi.fn<(status: string) => void>())
  .extend("known", ({ world, tell }) => new KnownEntries(world.api, tell));

/** Adds the entry of a role that a stack claims. @returns the ARN of the role. */
function addClaimed(aws: EksStandIn, stack: string, group: number, index: number): string {
  const { arn } = aws.principals.create(
    `arn:aws:iam::${account}:role/${String(group).padStart(4, "0")}-${stack}-${index}`,
  );
  const tags = { "pulumi-aws-auth/claim": `00000000.000000 ${stack} m${index}` };
  aws.addServiceEntry("prod", arn, { type: "STANDARD", tags });
  return arn;
}

describe("KnownEntries", () => {
  it("lists once, and reads each entry once", async ({ world, known }) => {
    const arns = await addEntries(world, 5);
    await Promise.all([...arns, ...arns].map((arn) => known.find(arn)));
    expect((await known.all()).map(({ principalArn }) => principalArn).toSorted()).toEqual(arns);
    expect(world.aws.operations.toSorted()).toEqual([
      ...Array(5).fill("DescribeAccessEntry"),
      "DescribeCluster",
      "ListAccessEntries",
      ...Array(5).fill("ListAssociatedAccessPolicies"),
    ]);
  });

  // At most 2.5 calls for each of 100 mappings: 11 calls list 1,100 entries, and each read makes two.
  it.for([
    ["few of a cluster's entries", 1_000, "one after another", 0, 119],
    ["few entries, some of them side by side", 1_000, "in blocks of five", 10, 119],
    ["few entries, side by side", 1_000, "next to each other", 60, 119],
    ["most entries", 10, "one after another", 60, 110],
  ] as const)(
    "reads ahead what a stack requests that owns %s",
    async ([, others, order, ahead, most], { world: { aws }, known }) => {
      const blocks = { "one after another": 1, "in blocks of five": 5, "next to each other": 100 };
      const own = Array.from({ length: 100 }, (_, index) => {
        const group = (index - (index % blocks[order])) * 10;
        return addClaimed(aws, "infra/prod", group, index);
      });
      for (let index = 0; index < others; index++) {
        addClaimed(aws, "infra/dev", (index * 1_000) / others, index);
      }
      let waits = 0;
      for (const arn of own) {
        waits += aws.calls.some(({ principalArn }) => principalArn === arn) ? 0 : 1;
        await known.find(arn, "entries");
      }
      expect(own.length - waits).toBeGreaterThanOrEqual(ahead);
      expect(aws.count("DescribeAccessEntry")).toBeLessThanOrEqual(most);
    },
  );

  it("queries IAM in advance only for entries of the same stack, and does not report a refusal", async ({
    world,
    known,
  }) => {
    const { aws } = world;
    const [own, claimed, next] = [0, 1, 2].map((index) => addClaimed(aws, "infra/prod", 0, index));
    const other = addClaimed(aws, "infra/dev", 1, 0);
    aws.before = ({ operation }) => (operation === "GetRole" ? denied : undefined);
    await known.find(own ?? "", "principals");
    await vi.waitFor(() => expect(aws.count("GetRole")).toBe(2));
    await known.find(next ?? "", "principals");
    await vi.waitFor(() => expect(aws.count("DescribeAccessEntry")).toBe(4));
    await known.find(other);
    expect([known.iamRefusal, await known.principal(claimed ?? ""), aws.count("GetRole")]).toEqual([
      undefined,
      "unknown",
      3,
    ]);
    expect(known.iamRefusal).toContain("iam:GetRole");
    expect(await known.principal(other)).toBe("unknown");
  });

  it("finds several entries of one principal in different paths, in any spelling", async ({ world, known }) => {
    const { aws, api } = world;
    await api.create(declaredEntry(), {});
    aws.principals.delete(devArn);
    const moved = aws.principals.create(roleDev).arn;
    await api.create(declaredEntry({ principalArn: moved, username: "other" }), {});
    const found = await known.find(`arn:aws:iam::${account}:role/DEV`);
    expect(found.map(({ principalArn }) => principalArn).toSorted()).toEqual([devArn, moved].toSorted());
    expect(await known.find(`${roleDev}elopment`)).toEqual([]);
  });

  it("retries ten seconds after a failure, and fails at once until then", async ({ world, known }) => {
    const { aws, api } = world;
    await api.create(declaredEntry(), {});
    await known.cluster();
    aws.before = ({ operation }) => (operation === "ListAccessEntries" ? denied : undefined);
    aws.forgetCalls();
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    await expect(known.find(devArn)).rejects.toMatchObject({ code: "accessDenied" });
    expect(aws.calls).toHaveLength(1);
    aws.before = undefined;
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 10_001);
    expect(await known.find(devArn)).toHaveLength(1);
    vi.restoreAllMocks();
  });

  describe("the wait until an entry is in force", () => {
    const { inForce } = limits;
    let clock: ReturnType<typeof waitedTime>;
    beforeEach(() => {
      clock = waitedTime();
    });

    /** The milliseconds of the wait. */
    async function waited(known: KnownEntries): Promise<number> {
      const before = clock.milliseconds;
      await known.inForce(devArn);
      return clock.milliseconds - before;
    }

    it.for([
      ["is behind", 1_800_000],
      ["is right", 0],
      ["is ahead", -1_800_000],
    ] as const)("starts when EKS shows it, if the clock of AWS %s", async ([, behind], { world, known, tell }) => {
      world.clock.behind = behind;
      await world.api.create(declaredEntry(), {});
      await known.settle(devArn, (entry) => entry !== undefined);
      expect(await waited(known)).toBe(inForce);
      expect(tell).toHaveBeenCalledWith(
        `waiting until the access entry for ${devArn} takes effect in EKS cluster "prod" (eu-central-1)`,
      );
      expect(await waited(known)).toBe(0);
      await world.api.update(declaredEntry({ username: "other" }));
      await known.settle(devArn, (entry) => entry?.username === "other");
      expect(await waited(known)).toBe(inForce);
    });

    it("starts at the first read of an entry that another run wrote", async ({ world: { aws, api }, known }) => {
      await api.create(declaredEntry(), {});
      await known.find(devArn);
      clock.milliseconds += inForce;
      await known.reread(devArn);
      expect(await waited(known)).toBe(0);
      // It is not documented that this changes the date of the entry too.
      const policy = { policyArn: adminPolicy, accessScope: { type: "cluster", namespaces: [] } };
      const times = { associatedAt: 0, modifiedAt: 0 };
      Object.assign(aws.entry("prod", devArn) ?? {}, { policies: [{ ...policy, ...times }] });
      await known.reread(devArn);
      expect(await waited(known)).toBe(inForce);
    });

    it.for([
      ["changed", (api: EntriesWorld["api"]) => api.update(declaredEntry({ username: "other" }))],
      ["deleted", (api: EntriesWorld["api"]) => api.delete(devArn)],
    ] as const)("fails if the entry was %s meanwhile", async ([, disturb], { world, known }) => {
      await world.api.create(declaredEntry(), {});
      await known.find(devArn);
      await disturb(world.api);
      await expect(known.inForce(devArn)).rejects.toMatchObject({
        code: "conflict",
        message: `the access entry for "${devArn}" was changed or deleted during this run; run again`,
      });
    });

    it("is skipped if the principal has none", async ({ world: { aws }, known }) => {
      expect(await known.find(devArn)).toEqual([]);
      aws.forgetCalls();
      expect([await waited(known), aws.calls]).toEqual([0, []]);
    });

    it.for([1_800_000, -1_800_000])(
      "begins at the time of the change on the clock of AWS, which is %d ms behind",
      async (behind, { world: { api, clock: aws }, known }) => {
        aws.behind = behind;
        await api.create(declaredEntry(), {});
        // The date of an answer is in whole seconds.
        aws.behind -= inForce + 2_000;
        await known.find(devArn);
        expect(await waited(known)).toBe(0);
      },
    );

    // The date of an entry may be in whole seconds too.
    it.for([
      ["4 s", 4_000, inForce - 3_000],
      ["the limit, but for less than a second", inForce + 999, 1],
      ["the limit and a second", inForce + 1_000, 0],
      ["unknown", Number.NEGATIVE_INFINITY, inForce],
    ] as const)(
      "ends when the entry certainly has the age of the limit: its age is %s",
      async ([, age, wait], { world, known }) => {
        await world.api.create(declaredEntry(), {});
        const [entry] = await known.find(devArn);
        vi.spyOn(world.api, "now").mockResolvedValue(Number(entry?.modifiedAt) + age);
        expect(await waited(known)).toBe(wait);
      },
    );
  });
});

describe("a change to an access entry", () => {
  it("is known once EKS shows it, and the wait is reported", async ({ world, known, tell }) => {
    const { aws, api } = world;
    expect(await known.find(devArn)).toEqual([]);
    aws.behaviour.lag = { reads: 5 };
    await api.create(declaredEntry(), {});
    expect(await known.settle(devArn, (entry) => entry !== undefined)).toMatchObject({ username: "dev" });
    expect(tell).toHaveBeenCalledWith(`waiting for EKS to list the access entry for ${devArn}`);
    expect(await known.find(devArn)).toMatchObject([{ principalArn: devArn }]);
    expect(await known.all()).toMatchObject([{ principalArn: devArn }]);
    aws.behaviour.lag = {};
    await api.delete(devArn);
    await known.settle(devArn, (entry) => entry === undefined);
    expect([await known.find(devArn), await known.all()]).toEqual([[], []]);
    expect(world.aws.count("ListAccessEntries")).toBe(1);
  });

  it("fails if EKS does not show it within the limit, and the entry is read again", async ({ world }) => {
    const { aws } = world;
    const brief = { ...limits, shown: { total: 60, first: 10, most: 20 } };
    const api = new AccessEntryApi(ref, world.settings, undefined, brief);
    await api.create(declaredEntry(), {});
    const known = new KnownEntries(api);
    await known.find(devArn);
    aws.behaviour.lag = { milliseconds: 600_000 };
    await api.update(declaredEntry({ username: "late" }));
    await expect(known.settle(devArn, (entry) => entry?.username === "late")).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: `EKS cluster "prod" (eu-central-1) has not reported the change to the access entry for "${devArn}" within 0.06 s; run again`,
    });
    aws.forgetCalls();
    await known.find(devArn);
    expect(aws.calls).toHaveLength(2);
  });
});

describe("the path of a role", () => {
  it("is taken from its only access entry, without a request to IAM", async ({ world, known }) => {
    await world.api.create(declaredEntry(), {});
    world.aws.forgetCalls();
    expect(await known.withPath(roleDev)).toBe(devArn);
    expect(world.aws.count("GetRole")).toBe(0);
  });

  it("is read from IAM if the role has no access entry", async ({ known }) => {
    expect(await known.withPath(roleDev)).toBe(devArn);
  });

  it("is unknown if IAM does not return it", async ({ world, known }) => {
    expect(await known.withPath("arn:aws:iam::999900001111:role/dev")).toBeUndefined();
    world.aws.before = ({ operation }) => (operation === "GetRole" ? denied : undefined);
    expect(await known.withPath(roleDev)).toBeUndefined();
  });

  it("is not requested again after IAM could not be reached", async ({ world, known }) => {
    world.aws.before = ({ operation }) => (operation === "GetRole" ? "cut" : undefined);
    expect(await known.withPath(roleDev)).toBeUndefined();
    const requests = world.aws.count("GetRole");
    expect(requests).toBeGreaterThan(0);
    expect(await known.withPath(roleDev)).toBeUndefined();
    expect(world.aws.count("GetRole")).toBe(requests);
  });
});

test.each([
  ["unknown for a kubeconfig of EKS", ["metrics.eks.amazonaws.com"], ["unknown", "unknown"]],
  ["known for a kubeconfig of another cluster", [], ["yes", "no"]],
])("answers of can-i are %s", async (_title, groups, answers) => {
  const server = await startApiServer({
    mapRoles: JSON.stringify([{ rolearn: roleDev, groups: ["system:masters"] }]),
  });
  const { url } = Object.assign(server, { groups });
  const settings = settingsOf({});
  const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ dev: url }) }, settings);
  const { access, notes } = await readCluster(ref, settings, { accessEntries: (entries) => entries.all() });
  const rights = { authorizer: new Authorizer(), unread: undefined };
  const answerOf = (arn: string) => canI(access, identityOf(arn), { verb: "get", path: "/x" }, rights).answer;
  expect([answerOf(roleDev), answerOf(`${roleDev}2`)]).toEqual(answers);
  expect(notes).toHaveLength(groups.length);
});
