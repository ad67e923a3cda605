import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AwsProfiles, callerOf, writeProfiles } from "../support/aws/caller.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import type { EksCluster } from "../support/aws/responses.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { AwsAuthMap, grant, readerRules, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { type Declared, plainly } from "../support/doors/declared.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

/** One caller for each profile; two accounts have a cluster "prod", and a third has none. */
const callers = {
  home: callerOf("home", "arn:aws:iam::111122223333:user/home"),
  reader: callerOf("reader", "arn:aws:iam::111122223333:user/reader"),
  other: callerOf("other", "arn:aws:iam::444455556666:user/other"),
  nowhere: callerOf("nowhere", "arn:aws:iam::777788889999:user/nowhere"),
};

const arn = "arn:aws:iam::111122223333:role/admin";
const entry = `- groups:\n  - system:masters\n  rolearn: ${arn}\n  username: admin\n`;
const arnIn = (account: string) => `arn:aws:eks:eu-central-1:${account}:cluster/prod`;

/** Mappings that name their clusters. */
const mappingsOn = (clusters: Readonly<Record<string, unknown>>, username = "admin"): Declared => {
  const all = Object.entries(clusters).map(([name, cluster]) => {
    return [name, { cluster, arn, username, groups: ["system:masters"] }] as const;
  });
  return plainly(Object.fromEntries(all));
};

const clusters = new Map<string, EksCluster>();
let profiles: AwsProfiles;
let aws: AwsEndpoint;
let reviewers: TokenReviewer[] = [];
let servers: TestCluster[] = [];
let home: AwsAuthMap;
let other: AwsAuthMap;
let project: TestProject;

async function serverFor(account: string, users: Readonly<Record<string, string>>): Promise<AwsAuthMap> {
  const reviewer = await startTokenReviewer(users, "prod");
  reviewers = [...reviewers, reviewer];
  const server = await startCluster({ authenticationTokenWebhookConfigFile: reviewer.configFile });
  servers = [...servers, server];
  await grant(server, "deployer", writerRules);
  await grant(server, "reader", readerRules);
  clusters.set(`${account}/prod`, { endpoint: server.server, caData: server.caData });
  return new AwsAuthMap(server);
}

beforeAll(async () => {
  profiles = writeProfiles(callers);
  aws = await startAwsEndpoint({ clusters, callers: Object.values(callers) });
  const { home: deployer, reader, other: stranger } = callers;
  home = await serverFor("111122223333", { [deployer.accessKeyId]: "deployer", [reader.accessKeyId]: "reader" });
  other = await serverFor("444455556666", { [stranger.accessKeyId]: "deployer" });
});
afterAll(async () => {
  await Promise.all([...servers, ...reviewers].map((started) => started.stop()));
  await aws?.stop();
  profiles?.remove();
});

// The only administrator of a test's cluster comes and goes.
const inRegion = { [pluginDoor.regionKey]: "eu-central-1", "aws-auth:lockoutProtection": "off" };
const declare = (mappings: Declared) => project.program(pluginDoor.program(mappings));

beforeEach(async () => {
  const env = { AWS_ENDPOINT_URL_EKS: aws.url, AWS_ENDPOINT_URL_STS: aws.url, AWS_PROFILE: "home" };
  project = await TestProject.create({ ...pluginDoor.options, config: inRegion, env: { ...profiles.env, ...env } });
  await home.reset({ mapRoles: "[]\n" });
  await other.reset({ mapRoles: "[]\n" });
  return () => project.remove();
});

const as = (profile: keyof typeof callers) => project.with({ AWS_PROFILE: profile });
const roles = async (map: AwsAuthMap) => (await map.data())["mapRoles"];
const stored = async () => await mappingsOf(project);
const clustersStored = async () =>
  (await stored()).map(({ inputs, outputs }) => [inputs["cluster"], outputs["cluster"]]);

describe("clusters of one name in two accounts", () => {
  it("are two: what is taken out of the program goes from its own cluster, and EKS is asked once for each and run", async () => {
    const [first, second] = ["home", "other"].map((profile) => ({ name: "prod", profile }));
    await declare(mappingsOn({ first, second }));
    const before = aws.requests.length;
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
    const asked = aws.requests.slice(before).map(({ operation }) => operation);
    expect(asked).toEqual(["DescribeCluster", "DescribeCluster"]);
    expect([await roles(home), await roles(other)]).toEqual([entry, entry]);
    const state = await stored();
    expect(state.map(({ id, outputs }) => [id, outputs["cluster"]]).toSorted()).toEqual([
      [`eks:eu-central-1/111122223333/prod/${arn}`, { ...first, region: "eu-central-1", account: "111122223333" }],
      [`eks:eu-central-1/444455556666/prod/${arn}`, { ...second, region: "eu-central-1", account: "444455556666" }],
    ]);

    await declare(mappingsOn({ second }));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect([await roles(home), await roles(other)]).toEqual(["[]\n", entry]);
  });

  it("are told apart by the account that a new mapping and an old one are in, where a program names the role anew", async () => {
    await declare(mappingsOn({ old: { name: "prod" } }));
    expect(await project.up()).toMatchObject({ code: 0 });
    // A rename would leave the entry to the new name; this is a mapping on the other cluster.
    await declare(mappingsOn({ renamed: { name: "prod", profile: "other" } }));
    expect(await project.up()).toMatchObject({ code: 0 });
    expect([await roles(home), await roles(other)]).toEqual(["[]\n", entry]);
  });

  it("replace each other where the program names another account, and never for a new spelling of one", async () => {
    await declare(mappingsOn({ a: "prod" }));
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare(mappingsOn({ a: arnIn("111122223333") }));
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    await declare(mappingsOn({ a: { name: arnIn("444455556666"), profile: "other" } }));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+-1 replaced") });
    expect([await roles(home), await roles(other)]).toEqual(["[]\n", entry]);
  });
});

describe("credentials of another account", () => {
  const refusal = (account: string, found: string) =>
    new RegExp(
      `EKS cluster "prod" \\(eu-central-1\\) of account ${account} cannot be reached with AWS profile "\\w+" \\(AWS_PROFILE\\), of account ${found}; set AWS_AUTH_PROFILE`,
    );

  beforeEach(async () => {
    await declare(mappingsOn({ a: "prod" }));
    expect(await project.up()).toMatchObject({ code: 0 });
  });

  it("that has no such cluster empty no state: refresh and destroy fail", async () => {
    for (const failed of [await as("nowhere").refresh(), await as("nowhere").destroy()]) {
      expect(failed.code).not.toBe(0);
      expect(failed.output).toMatch(refusal("111122223333", "777788889999"));
      expect(await stored()).toHaveLength(1);
    }
    expect(await roles(home)).toBe(entry);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await roles(home)).toBe("[]\n");
  });

  it("that has another cluster of that name write nothing there: preview, up, refresh and destroy fail", async () => {
    const inOther = as("other");
    for (const run of ["preview", "up", "refresh", "destroy"] as const) {
      const failed = await inOther[run]();
      expect(failed.code).not.toBe(0);
      expect(failed.output).toMatch(refusal("111122223333", "444455556666"));
    }
    expect(await clustersStored()).toEqual([
      Array(2).fill({ name: "prod", region: "eu-central-1", account: "111122223333" }),
    ]);
    expect([await roles(home), await roles(other)]).toEqual([entry, "[]\n"]);
  });

  it("are none where the cluster is gone: refresh empties the state, with a warning", async () => {
    const cluster = clusters.get("111122223333/prod");
    clusters.delete("111122223333/prod");
    const refresh = await project.refresh();
    if (cluster !== undefined) {
      clusters.set("111122223333/prod", cluster);
    }
    expect(refresh).toMatchObject({ code: 0 });
    expect(refresh.output).toContain(
      'warning: EKS cluster "prod" (eu-central-1) of account 111122223333 does not exist',
    );
    expect(await stored()).toEqual([]);
  });
});
