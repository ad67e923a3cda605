import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type AwsProfiles, writeProfiles } from "../support/aws/caller.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { type AccessEntryCluster, account, startEntryCluster } from "../support/eks/entryCluster.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { type Outcome, TestProject } from "../support/engine/testProject.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { pluginVariant } from "../support/variants/variant.ts";

const other = "444455556666";
const nowhere = "777788889999";
const arn = `arn:aws:iam::${account}:role/admin`;
const entry = `- groups:\n  - system:masters\n  rolearn: ${arn}\n  username: admin\n`;
const none = "[]\n";
const arnIn = (owner: string) => `arn:aws:eks:eu-central-1:${owner}:cluster/prod`;

let world: AccessEntryCluster;
let reviewer: TokenReviewer;
let otherCluster: TestCluster;
let otherMap: AwsAuthMap;
let profiles: AwsProfiles;
let project: TestProject;

beforeAll(async () => {
  world = await startEntryCluster("CONFIG_MAP");
  const { aws, deployer } = world;
  const callerIn = (name: string, owner: string) =>
    aws.caller(name, aws.principals.create(`arn:aws:iam::${owner}:user/${name}`).arn);
  const otherCaller = callerIn("other", other);
  // Two accounts have a cluster "prod", and the third has none.
  profiles = writeProfiles({ home: deployer, other: otherCaller, nowhere: callerIn("nowhere", nowhere) });
  reviewer = await startTokenReviewer({ [otherCaller.accessKeyId]: "deployer" }, "prod");
  otherCluster = await startCluster({
    users: [{ name: "deployer" }],
    authenticationTokenWebhookConfigFile: reviewer.configFile,
  });
  await grant(otherCluster, "deployer", writerRules);
  otherMap = new AwsAuthMap(otherCluster);
  const { server: endpoint, caData } = otherCluster;
  aws.addCluster({ name: "prod", account: other, endpoint, caData, authenticationMode: "CONFIG_MAP" });
});
afterAll(async () => {
  await otherCluster?.stop();
  await reviewer?.stop();
  await world?.stop();
  profiles?.remove();
});

beforeEach(async () => {
  await world.map.reset({ mapRoles: none });
  await otherMap.reset({ mapRoles: none });
  // The tests create and delete the only administrator.
  const config = { [pluginVariant.regionKey]: "eu-central-1", "aws-auth:lockoutProtection": "off" };
  const env = { ...world.aws.env(), ...profiles.env, AWS_PROFILE: "home" };
  project = await TestProject.create({ ...pluginVariant.options, config, env });
  return () => project.remove();
});

/** The mapRoles of both clusters. */
const roles = async () => [await world.map.data(), await otherMap.data()].map((data) => data["mapRoles"]);
const stored = () => mappingsOf(project);

/** Maps an administrator on each cluster, by resource name. */
async function up(clusters: Readonly<Record<string, unknown>>): Promise<Outcome> {
  const mappings = Object.entries(clusters).map(([name, cluster]) => {
    return [name, { cluster, arn, username: "admin", groups: ["system:masters"] }] as const;
  });
  await project.program(pluginVariant.program(withoutOptions(Object.fromEntries(mappings))));
  return project.up();
}

describe("mappings on clusters with the same name in two accounts", () => {
  const [first, second] = ["home", "other"].map((profile) => ({ name: "prod", profile }));

  it("are deleted from their own cluster, with one EKS call per cluster and run", async () => {
    world.aws.forgetCalls();
    expect(await up({ first, second })).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
    expect(world.aws.count("DescribeCluster")).toBe(2);
    expect(await roles()).toEqual([entry, entry]);
    expect((await stored()).map(({ id, outputs }) => [id, outputs["cluster"]]).toSorted()).toEqual([
      [`eks:eu-central-1/${account}/prod/${arn}`, { ...first, region: "eu-central-1", account }],
      [`eks:eu-central-1/${other}/prod/${arn}`, { ...second, region: "eu-central-1", account: other }],
    ]);
    expect(await up({ second })).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect(await roles()).toEqual([none, entry]);
  });

  it("are distinct if a program renames a mapping and moves it to the other cluster", async () => {
    expect(await up({ old: { name: "prod" } })).toMatchObject({ code: 0 });
    expect(await up({ renamed: second })).toMatchObject({ code: 0 });
    expect(await roles()).toEqual([none, entry]);
  });

  it("are replaced if the account of the cluster changes, and not if its spelling changes", async () => {
    expect(await up({ a: "prod" })).toMatchObject({ code: 0 });
    expect(await up({ a: arnIn(account) })).toMatchObject({ code: 0, output: expect.stringContaining("2 unchanged") });
    const replaced = await up({ a: { name: arnIn(other), profile: "other" } });
    expect(replaced).toMatchObject({ code: 0, output: expect.stringContaining("+-1 replaced") });
    expect(await roles()).toEqual([none, entry]);
  });
});

describe("a cluster that cannot be reached", () => {
  beforeEach(async () => {
    expect(await up({ a: "prod" })).toMatchObject({ code: 0 });
  });

  it.each([
    ["has no such cluster", "nowhere", nowhere, ["refresh", "destroy"]],
    ["has another cluster of that name", "other", other, ["preview", "up", "refresh", "destroy"]],
  ] as const)(
    "fails the run, and keeps map and state, if the account of the credentials %s",
    async (_title, profile, owner, runs) => {
      const before = await stored();
      for (const run of runs) {
        const { code, output } = await project.with({ AWS_PROFILE: profile })[run]();
        expect(code).not.toBe(0);
        expect(output).toContain(
          `EKS cluster "prod" (eu-central-1) is in account ${account}, not in account ${owner} of AWS profile "${profile}" (AWS_PROFILE); set AWS_AUTH_PROFILE`,
        );
      }
      expect((await stored()).map(({ inputs, outputs }) => [inputs["cluster"], outputs["cluster"]])).toEqual(
        before.map(() => Array(2).fill({ name: "prod", region: "eu-central-1", account })),
      );
      expect(before).toHaveLength(1);
      expect(await roles()).toEqual([entry, none]);
    },
  );

  it.each(["refresh", "destroy"] as const)(
    "is removed from the state by %s, with a warning, if it no longer exists",
    async (run) => {
      world.aws.removeCluster("prod");
      const { url: endpoint } = world.proxy;
      const { caData } = world.cluster;
      onTestFinished(
        () => void world.aws.addCluster({ name: "prod", endpoint, caData, authenticationMode: "CONFIG_MAP" }),
      );
      const warning = `warning: EKS cluster "prod" (eu-central-1) of account ${account} no longer exists`;
      expect(await project[run]()).toMatchObject({ code: 0, output: expect.stringContaining(warning) });
      expect(await stored()).toEqual([]);
      expect(await roles()).toEqual([entry, none]);
    },
  );
});
