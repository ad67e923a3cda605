import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { type Attempt, mayDo } from "../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const emr = (namespaces: readonly string[], options = "", serviceName = "emr-containers"): string =>
  `new awsAuth.ServiceIdentityMapping("emr", ${JSON.stringify({
    cluster: { manifest: "aws-auth.yaml" },
    serviceName,
    namespace: namespaces,
    roleArn: "arn:aws-cn:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers",
  })}, ${options || "{}"});`;

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
    for (const name of ["spark", "flink"]) {
      await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
    }
    project = await projectWithStandIns({ kubeconfig: cluster.kubeconfigFile() });
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  it("gives EMR what its documentation asks for in its namespace, and nothing else", async () => {
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "spark" })).toBe(false);
    await project.program(emr(["spark"]));
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

  it("gives it another namespace with one mapping, and takes one away again", async () => {
    // With a Kubernetes provider of the program's own there is nothing to warn of.
    const head = 'const k8s = require("@pulumi/kubernetes");\n';
    const options = '{ providers: { kubernetes: new k8s.Provider("k8s", { context: "admin" }) } }';
    await project.program(head + emr(["spark", "flink"], options));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.not.stringContaining("current context") });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    await project.program(head + emr(["flink"], options));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 2 deleted") });
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "spark" })).toBe(false);
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "flink" })).toBe(true);
    expect((await project.read("aws-auth.yaml")).match(/AWSServiceRoleForAmazonEMRContainers/g)).toHaveLength(1);
  });

  it("leaves nothing behind", async () => {
    expect(await project.destroy()).toMatchObject({ code: 0 });
    for (const path of [`${rbac}/roles`, `${rbac}/rolebindings`]) {
      const { body } = await cluster.request("GET", path);
      expect(JSON.stringify(body)).not.toMatch(/emr-containers/);
    }
    expect(await project.read("aws-auth.yaml")).not.toContain("AWSServiceRole");
  });

  it("reports an unknown service without a stack trace", async () => {
    await project.program(emr(["spark"], "", "aws-batch"));
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'ServiceIdentityMapping "emr": invalid service name "aws-batch"; the only service is emr-containers',
    );
    expect(output).not.toMatch(/\n\s+at /);
  });
});
