import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { type Attempt, mayDo } from "../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const service = (serviceName: string, namespace: string, more = ""): string =>
  `new awsAuth.ServiceIdentityMapping("${namespace}", { cluster: { manifest: "aws-auth.yaml" }, serviceName: "${serviceName}", namespace: "${namespace}"${more} });`;

/** The verbs that AWS's page on EMR's cluster access gives for most resources, less those that Kubernetes does not know. */
const usual = ["get", "list", "watch", "create", "delete", "patch"];

/** What that page asks for, in the namespace; https://docs.aws.amazon.com/emr/latest/EMR-on-EKS-DevelopmentGuide/setting-up-cluster-access.html */
const documented: readonly (readonly [group: string, resources: readonly string[], verbs: readonly string[]])[] = [
  ["", ["namespaces"], ["get"]],
  ["", ["serviceaccounts", "services", "configmaps", "events", "pods", "pods/log"], [...usual, "deletecollection"]],
  ["", ["secrets"], ["create", "patch", "delete", "watch"]],
  ["apps", ["statefulsets", "deployments"], usual],
  ["batch", ["jobs"], usual],
  ["extensions", ["ingresses"], usual],
  ["networking.k8s.io", ["ingresses"], usual],
  ["rbac.authorization.k8s.io", ["roles", "rolebindings"], [...usual, "deletecollection"]],
  ["", ["persistentvolumeclaims"], [...usual, "deletecollection"]],
];

const verbs = [
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
  "bind",
  "escalate",
  "impersonate",
];

/** Every verb on every resource of the page, and on some that it does not name. */
function attempts(namespace: string | undefined): Attempt[] {
  const others = [
    ["", ["nodes", "pods/exec", "pods/status", "users", "persistentvolumes"]],
    ["apps", ["daemonsets", "replicasets"]],
    ["rbac.authorization.k8s.io", ["clusterroles", "clusterrolebindings"]],
    ["scheduling.volcano.sh", ["podgroups"]],
  ] as const;
  return [...documented, ...others].flatMap(([group, resources]) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource, namespace }))),
  );
}

function isDocumented({ verb, group, resource }: Attempt): boolean {
  return documented.some(
    ([g, resources, allowed]) => g === group && resources.includes(resource) && allowed.includes(verb),
  );
}

describe("a service on a real API server", () => {
  let cluster: TestCluster;
  let project: TestProject;
  beforeAll(async () => {
    cluster = await startCluster();
    for (const name of ["spark", "flink", "jobs"]) {
      await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
    }
    project = await projectWithStandIns({
      kubeconfig: cluster.kubeconfigFile(),
      account: "444455556666",
      partition: "aws-cn",
    });
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  it("gives EMR what its documentation asks for in its namespace, and nothing else", async () => {
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "spark" })).toBe(false);
    await project.program(service("emr-containers", "spark"));
    const warning = expect.stringContaining("warning: the Role and RoleBinding go to the current context");
    expect(await project.up()).toMatchObject({ code: 0, output: warning });

    for (const attempt of attempts("spark")) {
      expect([attempt, await mayDo(cluster, "emr-containers", attempt)]).toEqual([attempt, isDocumented(attempt)]);
    }
    for (const attempt of [...attempts("kube-system"), ...attempts(undefined)]) {
      expect([attempt, await mayDo(cluster, "emr-containers", attempt)]).toEqual([attempt, false]);
    }
    expect(await mayDo(cluster, "somebody-else", { verb: "get", resource: "pods", namespace: "spark" })).toBe(false);
    const manifest = await project.read("aws-auth.yaml");
    expect(manifest).toContain("rolearn: arn:aws-cn:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers");
    expect(manifest).toContain("username: emr-containers");
    expect(manifest).not.toContain("groups");
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("can be mapped for two namespaces, each of which can go without the other", async () => {
    await project.program(service("emr-containers", "spark") + service("emr-containers", "flink"));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    await project.program(service("emr-containers", "flink"));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 4 deleted") });
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "spark" })).toBe(false);
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "flink" })).toBe(true);
    expect((await project.read("aws-auth.yaml")).match(/AWSServiceRoleForAmazonEMRContainers/g)).toHaveLength(1);
  });

  it("gives AWS Batch its view of the cluster, and its jobs in the namespace", async () => {
    // With a Kubernetes provider of the program's own there is nothing to warn of.
    const options = '{ providers: { kubernetes: new k8s.Provider("k8s", { context: "admin" }) } }';
    const program = service("aws-batch", "jobs").replace(");", `, ${options});`);
    await project.program(`const k8s = require("@pulumi/kubernetes");\n${program}`);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.not.stringContaining("current context") });
    const may = (verb: string, resource: string, namespace?: string) =>
      mayDo(cluster, "aws-batch", { verb, resource, namespace });
    expect(await may("create", "pods", "jobs")).toBe(true);
    expect(await may("create", "pods", "spark")).toBe(false);
    expect(await may("watch", "nodes")).toBe(true);
    expect(await may("get", "secrets", "jobs")).toBe(false);
    expect(await project.read("aws-auth.yaml")).toContain("role/AWSServiceRoleForBatch");
  });

  it("leaves nothing behind", async () => {
    expect(await project.destroy()).toMatchObject({ code: 0 });
    for (const path of [
      `${rbac}/roles`,
      `${rbac}/rolebindings`,
      `${rbac}/clusterroles`,
      `${rbac}/clusterrolebindings`,
    ]) {
      const { body } = await cluster.request("GET", path);
      expect(JSON.stringify(body)).not.toMatch(/emr-containers|aws-batch/);
    }
    expect(await project.read("aws-auth.yaml")).not.toContain("AWSServiceRole");
  });

  it("says so, without a stack, when the service is not known", async () => {
    await project.program(service("emr", "spark"));
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'ServiceIdentityMapping "spark": invalid service name "emr"; services are emr-containers, aws-batch',
    );
    expect(output).not.toMatch(/\n\s+at /);
  });
});
