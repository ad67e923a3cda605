import { afterAll, beforeAll, expect, it } from "vitest";
import { AwsAuthMap } from "../../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../../support/cluster/startCluster.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { projectWithStandIns } from "../../support/standIns/projectWithStandIns.ts";

const page = "docs/migrating.md";
const arn = "arn:aws:iam::111122223333:role/admin";
const nodes = "arn:aws:iam::111122223333:role/nodes";

/** Stands in for the Cluster of @pulumi/eks, whose plugin the tests do not have: it creates and owns the whole ConfigMap. */
const component = `
const k8s = require("@pulumi/kubernetes");
class Cluster extends pulumi.ComponentResource {
  constructor(name, { roleMappings = [] }, opts) {
    super("eks:index:Cluster", name, {}, opts);
    const nodes = { rolearn: "${nodes}", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] };
    const roles = roleMappings.map(({ roleArn, username, groups }) => ({ rolearn: roleArn, username, groups }));
    const metadata = { name: "aws-auth", namespace: "kube-system", annotations: { "pulumi.com/patchForce": "true" } };
    new k8s.core.v1.ConfigMap(name + "-nodeAccess", { metadata, immutable: false, data: { mapRoles: JSON.stringify([nodes, ...roles]) } }, { parent: this });
  }
}
const eks = { Cluster };
const roleMappings = [{ roleArn: "${arn}", username: "admin", groups: ["system:masters"] }];
`;
const mappings = `
new awsAuth.IdentityMapping("admin", { arn: "${arn}", username: "admin", groups: ["system:masters"] });
new awsAuth.IdentityMapping("nodes", {
  arn: "${nodes}", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"],
  adopt: true,
});
`;

/** An update or a replacement of the ConfigMap in the preview. */
const change = /[~+-] ?kubernetes:core\/v1:ConfigMap/;

let cluster: TestCluster;
let project: TestProject;
let map: AwsAuthMap;
beforeAll(async () => {
  const { "pulumi-resource-kubernetes": plugin } = await ensureParts(["pulumi-resource-kubernetes"]);
  cluster = await startCluster();
  map = new AwsAuthMap(cluster);
  project = await projectWithStandIns({
    kubeconfig: cluster.kubeconfigFile(),
    kubernetesPlugin: plugin.directory,
    config: { "aws-auth:kubeconfig": cluster.kubeconfigFile() },
  });
});
afterAll(async () => {
  await project?.remove();
  await cluster?.stop();
});

it("the documented migration from @pulumi/eks keeps every entry in every step", async () => {
  await project.program(`${component} new eks.Cluster("prod", { roleMappings });`);
  expect(await project.up()).toMatchObject({ code: 0 });
  const before = await map.data();
  expect(before["mapRoles"]).toContain(arn);

  // 1. The same entries with this package: only the claims are written.
  await project.program(`${component} new eks.Cluster("prod", { roleMappings }); ${mappings}`);
  const imported = await project.up();
  expect(imported).toMatchObject({
    code: 0,
    output: expect.stringContaining("existing entries that match this program and have no owner"),
  });
  expect(await map.data()).toEqual(before);

  // Without step 2, the component would change the ConfigMap.
  await project.program(`${component} new eks.Cluster("prod", {}); ${mappings}`);
  expect((await project.preview("--diff")).output).toMatch(change);

  // 2. The page's transform prevents the component from writing.
  const [, transform = ""] =
    /^(const leaveAwsAuth[\s\S]*?: undefined;\n)/m.exec(await readBlock(page, "leaveAwsAuth")) ?? [];
  const kept = `${component}${transform.replace(": pulumi.ResourceTransform", "")}`;
  await project.program(
    `${kept} new eks.Cluster("prod", { roleMappings }, { transforms: [leaveAwsAuth] }); ${mappings}`,
  );
  expect(await project.up()).toMatchObject({ code: 0 });
  expect(await map.data()).toEqual(before);

  // 3. Without the mappings, the component changes nothing, and this package updates them.
  await project.program(`${kept} new eks.Cluster("prod", {}, { transforms: [leaveAwsAuth] }); ${mappings}`);
  const preview = await project.preview("--diff");
  expect(preview.code).toBe(0);
  expect(preview.output).not.toMatch(change);
  expect(await project.up()).toMatchObject({ code: 0 });
  expect(await map.data()).toEqual(before);
  const changed = mappings.replace('groups: ["system:masters"]', 'groups: ["system:masters", "ops"]');
  await project.program(`${kept} new eks.Cluster("prod", {}, { transforms: [leaveAwsAuth] }); ${changed}`);
  expect(await project.up()).toMatchObject({ code: 0 });
  expect((await map.data())["mapRoles"]).toMatch(/ops/);
  expect(await project.preview("--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
});
