import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { mayDo } from "../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";
import { collectGarbage } from "./collectGarbage.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/spark";
const file = "aws-auth.yaml";
const entry = "rolearn: arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers";

describe("a service with the real plugin of @pulumi/kubernetes, on a real API server", () => {
  let cluster: TestCluster;
  let project: TestProject;
  beforeAll(async () => {
    const { "pulumi-resource-kubernetes": plugin } = await ensureParts(["pulumi-resource-kubernetes"]);
    cluster = await startCluster();
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "spark" } });
    project = await projectWithStandIns({
      kubeconfig: cluster.kubeconfigFile(),
      kubernetesPlugin: plugin.directory,
      config: { "aws-auth:manifest": file },
    });
    await project.program(`
      const roleArn = "arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers";
      new awsAuth.ServiceIdentityMapping("emr", { serviceName: "emr-containers", namespace: "spark", roleArn });
    `);
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  const mayList = () => mayDo(cluster, "emr-containers", { verb: "list", resource: "pods", namespace: "spark" });
  const named = async (resource: "roles" | "rolebindings") =>
    (await cluster.request("GET", `${rbac}/${resource}/emr-containers`)).status;

  it("shows what it would make, and makes nothing, in a preview", async () => {
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 to create") });
    expect(preview.output).toContain("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding");
    expect([await named("roles"), await named("rolebindings")]).toEqual([404, 404]);
  });

  it("makes Role, RoleBinding and entry, and finds nothing to change in them", async () => {
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 created") });
    expect([await named("roles"), await named("rolebindings")]).toEqual([200, 200]);
    expect(await mayList()).toBe(true);
    expect(await project.read(file)).toContain(entry);
    expect(await project.preview("--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("restores entries that were changed and removed outside Pulumi", async () => {
    await cluster.request("PATCH", `${rbac}/roles/emr-containers`, { rules: [] });
    await cluster.request("DELETE", `${rbac}/rolebindings/emr-containers`);
    await project.write(file, (await project.read(file)).replace("username: emr-containers", "username: mallory"));
    expect(await mayList()).toBe(false);
    const preview = await project.preview("--refresh", "--expect-no-changes");
    expect(preview.code).not.toBe(0);
    const up = await project.up("--refresh");
    expect(up.code).toBe(0);
    expect(await mayList()).toBe(true);
    expect(await project.read(file)).not.toContain("mallory");
  });

  it("leaves nothing behind", async () => {
    const collector = collectGarbage(cluster, [`${rbac}/roles`, `${rbac}/rolebindings`]);
    expect(await project.destroy()).toMatchObject({ code: 0, output: expect.stringContaining("- 5 deleted") });
    await collector.stop();
    expect([await named("roles"), await named("rolebindings")]).toEqual([404, 404]);
    expect(await project.read(file)).not.toContain("AWSServiceRole");
  });
});
