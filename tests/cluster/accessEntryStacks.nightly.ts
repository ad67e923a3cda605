import { EKSClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccessEntryCluster } from "../support/eks/entryCluster.ts";
import {
  claimsOf,
  done,
  ofApps,
  ofInfra,
  type SharingStacks,
  shared,
  startSharingStacks,
} from "../support/eks/sharingStacks.ts";
import type { TestProject } from "../support/engine/testProject.ts";

/** Another account than that of the cluster. */
const other = "444455556666";

const twice = `
const mapping = { arn: "${shared}", username: "shared", groups: ["viewers"], noDuplicateARNs: process.env.SHARE !== "yes" };
new IdentityMapping("in-map", { ...mapping, authenticationMode: "CONFIG_MAP" });
if (process.env.CASE !== "one") {
  new IdentityMapping("in-entry", { ...mapping, authenticationMode: "API" });
}
`;

describe("stacks that share the access entry of a role", () => {
  let stacks: SharingStacks;
  let world: AccessEntryCluster;
  let infra: TestProject;
  let apps: TestProject;

  beforeAll(async () => {
    stacks = await startSharingStacks();
    ({ world, infra, apps } = stacks);
  });
  afterAll(() => stacks?.stop());
  beforeEach(() => world.map.reset({ mapRoles: "[]\n" }));

  /** The role is administrator, by whichever of the two counts. */
  async function expectAdministrator(): Promise<void> {
    const admitted = world.aws.whoGetsIn("prod", { principalArn: shared });
    expect(admitted?.policies.length ?? (await stacks.inMap())).toBe(1);
  }

  it("keep it, and the entry in aws-auth, until the last of them has moved or gone", async () => {
    await world.inMode(infra, "CONFIG_MAP");
    await world.inMode(apps, "CONFIG_MAP");
    await done(infra.up());
    await done(apps.up());
    await world.inMode(infra, "API");
    expect(await done(infra.up())).toContain(`stays: "${ofApps}" wants it`);
    expect([await stacks.inMap(), stacks.claims()]).toEqual([1, [ofInfra]]);
    await done(apps.pulumi("preview", "--expect-no-changes"));
    await world.inMode(apps, "API");
    await done(apps.up());
    expect([await stacks.inMap(), stacks.claims()]).toEqual([0, [ofApps, ofInfra]]);
    await done(infra.pulumi("preview", "--expect-no-changes"));
    await expectAdministrator();

    const conflict = await apps.with({ GROUPS: "viewers" }).pulumi("preview");
    expect(conflict.code).not.toBe(0);
    expect(conflict.output).toContain(`is shared with "${ofInfra}", which wants it as it is`);

    expect(await done(infra.destroy())).toContain(`stays: "${ofApps}" wants it`);
    expect(stacks.claims()).toEqual([ofApps]);
    await expectAdministrator();
    await done(apps.destroy());
    expect([await stacks.inMap(), stacks.entry()]).toEqual([0, undefined]);
  });

  it("make it once where they do so at the same time, and both wait until it has its policy", async () => {
    await world.inMode(infra, "API_AND_CONFIG_MAP");
    await world.inMode(apps, "API_AND_CONFIG_MAP");
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    const answers: (string | undefined)[] = [];
    world.aws.behaviour.lag = { reads: 3 };
    world.aws.before = async ({ operation }) => {
      if (operation === "CreateAccessEntry" && ++arrived === 2) {
        both.resolve();
      }
      if (operation === "CreateAccessEntry") {
        await both.promise;
      }
      return undefined;
    };
    const outputs = await Promise.all([done(infra.up()), done(apps.up())]);
    world.aws.before = undefined;
    world.aws.behaviour.lag = {};
    answers.push(
      ...world.aws.calls.filter(({ operation }) => operation === "CreateAccessEntry").map(({ code }) => code),
    );
    expect(answers).toContain("ResourceInUseException");
    expect(outputs.join()).not.toContain("adopt");
    expect([await stacks.inMap(), stacks.claims()]).toEqual([1, [ofApps, ofInfra]]);
    await expectAdministrator();
    await Promise.all([done(infra.destroy()), done(apps.destroy())]);
    expect([await stacks.inMap(), stacks.entry()]).toEqual([0, undefined]);
  });

  it("keep it from a change and from a delete that read it before somebody else claimed it", async () => {
    await world.inMode(infra, "API");
    await done(infra.up());
    const eks = new EKSClient({ region: "eu-central-1", endpoint: world.aws.url, credentials: world.deployer });
    const late = "pulumi-aws-auth/claims/late";
    /** The other stack claims it once this one has read it. */
    const claimLate = () => {
      let reads = 0;
      world.aws.after = async ({ operation }) => {
        if (operation === "DescribeAccessEntry" && ++reads === 1) {
          const { accessEntryArn: resourceArn } = stacks.entry() ?? {};
          await eks.send(new TagResourceCommand({ resourceArn, tags: { [late]: ofApps } }));
        }
        return undefined;
      };
    };
    claimLate();
    const refused = await infra.with({ GROUPS: "viewers" }).up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`is shared with "${ofApps}", which wants it as it is`);
    world.aws.after = undefined;
    await eks.send(new UntagResourceCommand({ resourceArn: stacks.entry()?.accessEntryArn, tagKeys: [late] }));
    await expectAdministrator();

    await world.inMode(infra, "CONFIG_MAP");
    claimLate();
    expect(await done(infra.up())).toContain(`stays: "${ofApps}" wants it`);
    world.aws.after = undefined;
    eks.destroy();
    expect([await stacks.inMap(), stacks.claims()]).toEqual([1, [ofApps]]);
    await done(infra.destroy());
    world.aws.cluster("prod").entries.clear();
  });

  it("leave one that EKS or another tool made, and say whose a different one is", async () => {
    world.aws.addServiceEntry("prod", shared, { type: "STANDARD", username: "shared", groups: ["viewers"] });
    await world.inMode(infra, "API");
    await world.inMode(apps, "API");
    await done(infra.with({ GROUPS: "viewers" }).up());
    expect(stacks.claims()).toEqual([`found by ${ofInfra}`]);
    const conflict = await apps.with({ GROUPS: "editors" }).pulumi("preview");
    expect(conflict.code).not.toBe(0);
    expect(conflict.output).toContain(
      `has an access entry already; it says username "shared", groups ["viewers"], claimed by "${ofInfra}"; this resource says username "shared", groups ["editors"]; set adopt: true`,
    );
    expect(await done(infra.destroy())).toContain("stays and still gives access: it existed before");
    expect(stacks.entry()).toMatchObject({ tags: {}, kubernetesGroups: ["viewers"] });
    world.aws.cluster("prod").entries.clear();
  });

  it("are no stacks of another account, whose cluster has the same name", async () => {
    const stranger = world.aws.caller(
      "stranger",
      world.aws.principals.create(`arn:aws:iam::${other}:user/stranger`).arn,
    );
    world.aws.addCluster({ name: "prod", account: other, authenticationMode: "API" });
    const theirs = (await stacks.add("theirs")).with(world.aws.env(stranger));
    await world.inMode(infra, "API");
    await world.inMode(theirs, "API");
    await done(infra.up());
    await done(theirs.up());
    const [of] = world.aws.entries("prod", other).filter(({ principalArn }) => principalArn === shared);
    expect([stacks.claims(), claimsOf(of?.tags)]).toEqual([[ofInfra], ["organization/theirs/test shared"]]);
    await done(theirs.destroy());
    expect(world.aws.entries("prod", other)).toEqual([]);
    expect(stacks.claims()).toEqual([ofInfra]);
    await done(infra.destroy());
  });

  it("are told of two resources of one program for it, whatever their modes", async () => {
    const program = await world.add("twice", twice);
    await world.inMode(program, undefined);
    const refused = await program.pulumi("preview");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("is mapped by two resources of this program");
    await done(program.with({ SHARE: "yes" }).up());
    expect([await stacks.inMap(), stacks.claims()]).toEqual([1, ["organization/twice/test in-entry"]]);
    await done(program.with({ SHARE: "yes", CASE: "one" }).up());
    expect([await stacks.inMap(), stacks.entry()]).toEqual([1, undefined]);
    await done(program.destroy());
  });

  it.each(["adopted", "renamed"] as const)("keep to whom it belongs once it is %s", async (what) => {
    await world.inMode(infra, "API");
    await world.inMode(apps, "API");
    await done(infra.up());
    if (what === "renamed") {
      await done(infra.pulumi("stack", "rename", "live"));
      const renamed = infra.onStack("live");
      await done(renamed.pulumi("preview", "--expect-no-changes"));
      await done(renamed.destroy());
      expect(stacks.entry()).toBeUndefined();
      return;
    }
    const taking = apps.with({ GROUPS: "viewers", ADOPT: "yes" });
    expect(await done(taking.up())).toContain(`was taken over from "${ofInfra}"`);
    expect(stacks.claims()).toEqual([ofApps]);
    const lost = await infra.pulumi("preview");
    expect(lost.code).not.toBe(0);
    expect(lost.output).toContain(`was taken over by "${ofApps}"; it says username "shared", groups ["viewers"] now`);
    await done(infra.destroy());
    expect(stacks.entry()).toMatchObject({ kubernetesGroups: ["viewers"] });
    await done(apps.destroy());
    expect(stacks.entry()).toBeUndefined();
  });
});
