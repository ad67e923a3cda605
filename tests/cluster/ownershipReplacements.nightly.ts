import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TokenWebhook } from "../support/authenticator/tokenWebhook.ts";
import { callerOf, credentialsOf } from "../support/aws/caller.ts";
import { startAwsEndpoint } from "../support/aws/endpoint.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCountingProxy } from "../support/cluster/countingProxy.ts";
import { deployerName } from "../support/cluster/deployer.ts";
import { entryKey, MapHistory } from "../support/cluster/mapHistory.ts";
import {
  claimOn,
  type MappingInputs,
  programOf,
  roleArn,
  roleEntry,
  roleOf,
  type Stacks,
  startStacks,
} from "../support/cluster/stacks.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { type Door, doors, pluginDoor } from "../support/doors/door.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const node = roleEntry("node", "system:node", "system:nodes");
const viewers = ["viewers"];
const unchanged = "--expect-no-changes";

const program = (door: Door, cluster: unknown, ...mappings: readonly MappingInputs[]) =>
  programOf(Object.fromEntries(mappings.map((mapping) => [`${mapping.username}`, { ...mapping, cluster }])), door);

/** Runs an up, and asserts that each version of the map meanwhile has the team's entry once. */
async function expectNeverGone(cluster: TestCluster, project: TestProject): Promise<string> {
  const history = await MapHistory.start(cluster);
  const up = await project.up();
  await history.stop();
  expect(up).toMatchObject({ code: 0 });
  for (const { entries } of history.versions) {
    expect(entries.filter((entry) => entry === entryKey(roleArn("team"), "team", viewers))).toHaveLength(1);
  }
  return up.output;
}

describe("a replacement, the old and the new half of which lead to one map", () => {
  const [ofInfra, ofApps] = [pluginDoor.stackName("infra"), pluginDoor.stackName("apps")];
  let stacks: Stacks;

  beforeAll(async () => {
    stacks = await startStacks(node);
  });
  afterAll(() => stacks?.stop());
  beforeEach(() => stacks.map.reset({ mapRoles: node }));

  it("by another server in the kubeconfig: the entry is the new one's, beside those who share it", async () => {
    const infra = await stacks.add("infra", pluginDoor.options);
    const proxy = await startCountingProxy(stacks.cluster);
    for (const name of ["one", "two"]) {
      await infra.write(name, proxy.kubeconfig(deployerName, name));
    }
    const apps = await stacks.add("apps", pluginDoor.options);
    await apps.program(programOf({ ops: roleOf("ops", ...viewers) }, pluginDoor));
    const both = [roleOf("ops", ...viewers), roleOf("team", ...viewers)];
    await infra.program(program(pluginDoor, { kubeconfig: "one" }, ...both));
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await apps.up()).toMatchObject({ code: 0 });
    const before = await stacks.map.data();
    await infra.program(program(pluginDoor, { kubeconfig: "two" }, ...both));
    const output = await expectNeverGone(stacks.cluster, infra);
    expect(output).toContain("+-2 replaced");
    expect(output).not.toContain("was claimed already");
    expect(await stacks.map.data()).toEqual(before);
    expect(await stacks.claims()).toEqual(
      [
        claimOn("ops", viewers, `${ofApps} ops`),
        claimOn("ops", viewers, `${ofInfra} ops`),
        claimOn("team", viewers, `${ofInfra} team`),
      ].toSorted(),
    );
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await apps.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    expect(await stacks.record()).toBeUndefined();
    await proxy.stop();
  });

  it.each(doors)(
    "by another ARN, through the $name, after the old half was edited by hand: it goes if the run has read it, and else stays, and the ways on are named and lead there",
    async (door) => {
      const infra = await stacks.add("infra", door.options);
      await infra.program(programOf({ mapping: roleOf("old", ...viewers) }, door));
      expect(await infra.up()).toMatchObject({ code: 0 });
      await stacks.map.patch({ mapRoles: node + roleEntry("old", "old", "auditors") });
      await infra.program(programOf({ mapping: roleOf("new", ...viewers) }, door));
      const up = await infra.up();
      if (door.readsFirst) {
        expect(up.code).toBe(0);
      } else {
        expect(up.code).not.toBe(0);
        expect(up.output).toContain(
          'is there now; to remove it anyway, accept it into the state first with "pulumi refresh", or run "pulumi destroy --refresh"',
        );
        expect(up.output).not.toContain("pulumi state delete");
        expect(await stacks.roles()).toEqual(["node system:nodes", "old auditors", "new viewers"]);
        expect(await infra.refresh()).toMatchObject({ code: 0 });
        expect(await infra.up()).toMatchObject({ code: 0 });
      }
      expect(await stacks.roles()).toEqual(["node system:nodes", "new viewers"]);
      expect(await stacks.claims()).toEqual([claimOn("new", viewers, `${door.stackName("infra")} mapping`)]);
      expect(await infra.destroy()).toMatchObject({ code: 0 });
      expect(await stacks.map.data()).toEqual({ mapRoles: node });
    },
  );

  it("by the path of a manifest, of which one is a link to the other", async () => {
    const infra = await stacks.add("infra", pluginDoor.options);
    const text = manifestOf({ mapRoles: node });
    await infra.write("aws-auth.yaml", text);
    await symlink("aws-auth.yaml", join(infra.directory, "link.yaml"));
    await infra.program(program(pluginDoor, { manifest: "aws-auth.yaml" }, roleOf("team", ...viewers)));
    expect(await infra.up()).toMatchObject({ code: 0 });
    const before = await infra.read("aws-auth.yaml");
    await infra.program(program(pluginDoor, { manifest: "link.yaml" }, roleOf("team", ...viewers)));
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await infra.read("aws-auth.yaml")).toBe(before);
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await infra.read("aws-auth.yaml")).toBe(text);
  });
});

describe("a replacement of an EKS cluster's name by a kubeconfig", () => {
  it("leaves the entry to the new half, which leads to the same map", async () => {
    const deployer = callerOf("deployer", "arn:aws:iam::111122223333:user/deployer");
    const clusters = new Map();
    const aws = await startAwsEndpoint({
      identity: deployer.arn,
      identities: new Map(),
      clusters,
      callers: [deployer],
    });
    const creator = { arn: deployer.arn, username: deployerName };
    const authenticator = await TokenWebhook.start({ cluster: "prod", sts: aws.url, creator });
    const cluster = await startCluster({
      users: [{ name: deployerName }],
      authenticationTokenWebhookConfigFile: authenticator.configFile,
    });
    await authenticator.watch(cluster.kubeconfigFile());
    const map = new AwsAuthMap(cluster);
    await grant(cluster, deployerName, writerRules);
    await map.reset({ mapRoles: node });
    clusters.set("prod", { endpoint: cluster.server, caData: cluster.caData, authenticationMode: "CONFIG_MAP" });
    const project = await TestProject.create({
      ...pluginDoor.options,
      config: { [pluginDoor.regionKey]: "eu-central-1" },
      env: {
        AWS_ENDPOINT_URL_EKS: aws.url,
        AWS_ENDPOINT_URL_STS: aws.url,
        ...credentialsOf(deployer),
        AWS_EC2_METADATA_DISABLED: "true",
      },
    });
    for (const reference of ["prod", { kubeconfig: cluster.kubeconfigFile(deployerName) }, "prod"]) {
      await project.program(program(pluginDoor, reference, roleOf("team", ...viewers)));
      if ((await map.data())["mapRoles"] === node) {
        expect(await project.up()).toMatchObject({ code: 0 });
      } else {
        expect(await expectNeverGone(cluster, project)).toContain("+-1 replaced");
      }
      expect(await project.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    }
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await map.data()).toEqual({ mapRoles: node });
    expect((await map.read())?.metadata.annotations).toBeUndefined();
    await project.remove();
    await authenticator.stop();
    await cluster.stop();
    await aws.stop();
  });
});
