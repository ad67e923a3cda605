import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { deploymentOf } from "../support/engine/state.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";
import { outputOf } from "../support/engine/yamlProgram.ts";
import { mayDo } from "../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const item = (name: string) => ({ arn: role(name), username: name, groups: ["viewers"] });
const yaml = (resources: object) => `resources: ${JSON.stringify(resources)}\n`;
const mappingsOf = (name: string, manifest: string, options: object = {}) => ({
  type: "aws-auth:IdentityMappings",
  properties: { config: { iamIdentityMappings: [item(`${name}-a`), item(`${name}-b`)] }, cluster: { manifest } },
  options,
});

describe("components of several providers in one program", () => {
  let project: TestProject;
  const files = ["aws-auth.yaml", "other.yaml"];

  beforeAll(async () => {
    project = await TestProject.create({ language: "yaml", config: { "aws-auth:manifest": "aws-auth.yaml" } });
    for (const file of files) {
      await project.write(file, manifestOf(seasonedData));
    }
  });
  afterAll(() => project?.remove());

  it("are made at once, each with its provider, and give the maps back", async () => {
    const elsewhere = { type: "pulumi:providers:aws-auth", properties: { manifest: "other.yaml", owner: "us" } };
    const own = outputOf("elsewhere");
    await project.program(
      yaml({
        elsewhere,
        one: mappingsOf("one", "aws-auth.yaml"),
        two: mappingsOf("two", "aws-auth.yaml"),
        three: mappingsOf("three", "other.yaml", { provider: own }),
        four: mappingsOf("four", "other.yaml", { providers: [own] }),
      }),
    );
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 14 to create") });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 14 created") });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    const { resources = [] } = await deploymentOf(project);
    const isOf = (name: string) => resources.filter(({ urn }) => urn.includes(`::${name}-111122223333-role-`));
    for (const name of ["one", "two"]) {
      expect(isOf(name).map(({ provider }) => provider?.includes("::default"))).toEqual([true, true]);
    }
    for (const name of ["three", "four"]) {
      expect(isOf(name).map(({ provider }) => provider?.includes("::elsewhere::"))).toEqual([true, true]);
    }
    expect(await project.read("other.yaml")).toMatch(/^ +\S+ .* us three-111122223333-role-three-a$/m);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    for (const file of files) {
      expect(await project.read(file)).toBe(manifestOf(seasonedData));
    }
  });

  it("refuse each other's identities, and what is not known, once each", async () => {
    const strict = { ...item("x"), noDuplicateARNs: true };
    const team = (config: object) => ({
      type: "aws-auth:IdentityMappings",
      properties: { config, cluster: { manifest: "aws-auth.yaml" } },
    });
    const [one, two] = [strict, { ...strict, username: "y" }].map((x) => team({ iamIdentityMappings: [x] }));
    await project.program(yaml({ one, two }));
    const twice = await project.preview();
    expect(twice.code).toBe(1);
    expect(twice.output.match(/has a problem: arn ".*role\/x"/g)).toHaveLength(1);
    expect(twice.output).not.toMatch(/^\s+at |node_modules|report this as a bug|terminating/m);
    const open = { iamIdentityMappings: [{ arn: role("x"), username: outputOf("ops.id") }] };
    const ops = { type: "aws-auth:IdentityMapping", properties: item("ops") };
    await project.program(yaml({ ops, team: team(open) }));
    const refused = await project.preview();
    expect(refused.code).toBe(1);
    expect(refused.output.match(/which is not known in time/g)).toHaveLength(1);
  });

  it("read a file from the directory of a program that Pulumi.yaml puts into another one", async () => {
    await mkdir(join(project.directory, "program"));
    const config = { apiVersion: "eksctl.io/v1alpha5", kind: "ClusterConfig", iamIdentityMappings: [item("dev")] };
    await project.write(join("program", "cluster.json"), JSON.stringify(config));
    const properties = { file: "cluster.json", cluster: { manifest: "../aws-auth.yaml" } };
    const team = { type: "aws-auth:IdentityMappings", properties };
    await project.write(join("program", "Main.yaml"), yaml({ team }));
    await project.program("main: program\n");
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 to create") });
  });
});

describe("services through the plugin, on a real API server", () => {
  let cluster: TestCluster;
  let project: TestProject;
  const emr = { serviceName: "emr-containers", namespace: "spark", cluster: { manifest: "aws-auth.yaml" } };

  beforeAll(async () => {
    cluster = await startCluster();
    for (const name of ["spark", "jobs"]) {
      await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
    }
    project = await projectWithStandIns({
      kubeconfig: cluster.kubeconfigFile(),
      account: "444455556666",
      partition: "aws-cn",
      program: { language: "yaml" },
    });
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  const mayCreate = (user: string, namespace: string) =>
    mayDo(cluster, user, { verb: "create", resource: "jobs", group: "batch", namespace });

  it("get their Role and their entry without any package of npm, alone and as an item", async () => {
    const batch = { iamIdentityMappings: [{ serviceName: "aws-batch", namespace: "jobs" }] };
    await project.program(
      `${yaml({
        emr: { type: "aws-auth:ServiceIdentityMapping", properties: emr },
        team: { type: "aws-auth:IdentityMappings", properties: { config: batch, cluster: emr.cluster } },
      })}outputs: ${JSON.stringify({ role: outputOf("emr.roleArn"), id: outputOf("emr.mapping.username") })}\n`,
    );
    const up = await project.up();
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("go to the current context") });
    expect(await mayDo(cluster, "aws-batch", { verb: "watch", resource: "nodes" })).toBe(true);
    expect([await mayCreate("emr-containers", "spark"), await mayCreate("emr-containers", "jobs")]).toEqual([
      true,
      false,
    ]);
    const arn = "arn:aws-cn:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers";
    expect(await project.read("aws-auth.yaml")).toContain(arn);
    const { resources = [] } = await deploymentOf(project);
    expect(resources[0]?.outputs).toEqual({ role: arn, id: "emr-containers" });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("leave nothing behind", async () => {
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await mayCreate("emr-containers", "spark")).toBe(false);
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
  });
});

describe("components that move from the npm package to the plugin, and back", () => {
  let project: TestProject;
  let cluster: TestCluster;
  const args = {
    config: { iamIdentityMappings: [item("dev"), { serviceName: "emr-containers", namespace: "spark" }] },
    cluster: { manifest: "aws-auth.yaml" },
  };
  const dynamicType = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
  const nativeType = "aws-auth:index:IdentityMapping";
  const ofPackage = `new awsAuth.IdentityMappings("team", ${JSON.stringify(args)});\n`;
  const ofPlugin = `new pulumi.ComponentResource("aws-auth:index:IdentityMappings", "team", ${JSON.stringify(args)}, {}, true);\n`;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "spark" } });
    project = await projectWithStandIns({ kubeconfig: cluster.kubeconfigFile(), program: { plugin: true } });
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  async function typesKept(): Promise<string[]> {
    const { resources = [] } = await deploymentOf(project);
    return resources.map(({ type }) => type).filter((type) => type === dynamicType || type === nativeType);
  }

  it("change nothing, in state or map", async () => {
    await project.program(ofPackage);
    expect(await project.up()).toMatchObject({ code: 0 });
    const map = await project.read("aws-auth.yaml");
    await project.program(ofPlugin);
    expect(await project.pulumi("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await typesKept()).toEqual([nativeType, nativeType]);
    expect(await project.read("aws-auth.yaml")).toBe(map);
    const page = await readFile(join(repository, "docs", "other-languages.md"), "utf8");
    const [, options = ""] = /^(const comesBack: .*? : undefined;\n)/ms.exec(page) ?? [];
    const inJavaScript = options.replace(": pulumi.ResourceTransformation", "");
    await project.program(inJavaScript + ofPackage.replace(");", ", { transformations: [comesBack] });"));
    expect(await project.pulumi("up", "--yes", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await typesKept()).toEqual([dynamicType, dynamicType]);
    expect(await project.read("aws-auth.yaml")).toBe(map);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
  });
});
