import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type TestCluster } from "../../support/cluster/startCluster.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { type Attempt, isAllowed } from "../../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../../support/standIns/projectWithStandIns.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/spark";
const file = "aws-auth.yaml";
const roleArn = "arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers";
const service = (namespaces: readonly string[], options = "") =>
  `new awsAuth.ServiceIdentityMapping("emr", ${JSON.stringify({ serviceName: "emr-containers", namespace: namespaces, roleArn })}${options});\n`;

/** The verbs that AWS documents for most resources, except those that Kubernetes does not support. */
const usual = ["get", "list", "watch", "create", "delete", "patch"];
const verbs = [...usual, "update", "deletecollection", "bind", "escalate", "impersonate"];

/** EMR requires in the namespace: https://docs.aws.amazon.com/emr/latest/EMR-on-EKS-DevelopmentGuide/setting-up-cluster-access.html */
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
const others: typeof documented = [
  ["", ["nodes", "pods/exec", "pods/status", "users", "persistentvolumes"], []],
  ["apps", ["daemonsets", "replicasets"], []],
  ["rbac.authorization.k8s.io", ["clusterroles", "clusterrolebindings"], []],
];

describe("a service with the real @pulumi/kubernetes plugin on a real API server", () => {
  let cluster: TestCluster;
  let project: TestProject;
  beforeAll(async () => {
    const { "pulumi-resource-kubernetes": plugin } = await ensureParts(["pulumi-resource-kubernetes"]);
    cluster = await startCluster();
    for (const name of ["spark", "flink"]) {
      await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
    }
    project = await projectWithStandIns({
      kubeconfig: cluster.kubeconfigFile(),
      kubernetesPlugin: plugin.directory,
      config: { "aws-auth:manifest": file },
    });
    await project.program(service(["spark"]));
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  const may = (attempt: Attempt, user = "emr-containers") => isAllowed(cluster, user, attempt);
  const mayList = (namespace: string) => may({ verb: "list", resource: "pods", namespace });
  const named = async (resource: "roles" | "rolebindings") =>
    (await cluster.request("GET", `${rbac}/${resource}/emr-containers`)).status;
  const expectStatus = async (status: 200 | 404) =>
    expect([await named("roles"), await named("rolebindings")]).toEqual([status, status]);

  it("shows its resources in a preview without creating them", async () => {
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 to create") });
    expect(preview.output).toContain("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding");
    await expectStatus(404);
  });

  it("creates Role, RoleBinding and entry, and shows no change afterwards", async () => {
    const up = await project.up();
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 created") });
    expect(up.output).toContain("warning: the Role and RoleBinding are created in the current context");
    await expectStatus(200);
    expect(await project.read(file)).toMatch(new RegExp(`rolearn: ${roleArn}\n *username: emr-containers\n$`));
    expect(await project.preview("--refresh", "--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("grants EMR exactly the documented permissions in its namespace", async () => {
    for (const [group, resources, allowed] of [...documented, ...others]) {
      for (const resource of resources) {
        for (const verb of verbs) {
          const attempt = { verb, group, resource };
          const found = [
            await may({ ...attempt, namespace: "spark" }),
            await may({ ...attempt, namespace: "kube-system" }),
          ];
          expect({ attempt, found, everywhere: await may(attempt) }).toEqual({
            attempt,
            found: [allowed.includes(verb), false],
            everywhere: false,
          });
        }
      }
    }
    expect(await may({ verb: "get", resource: "pods", namespace: "spark" }, "another")).toBe(false);
  });

  it("restores objects that were changed or removed outside Pulumi", async () => {
    await cluster.request("PATCH", `${rbac}/roles/emr-containers`, { rules: [] });
    await cluster.request("DELETE", `${rbac}/rolebindings/emr-containers`);
    await project.write(file, (await project.read(file)).replace("username: emr-containers", "username: mallory"));
    expect(await mayList("spark")).toBe(false);
    expect((await project.preview("--refresh", "--expect-no-changes")).code).not.toBe(0);
    expect(await project.up("--refresh")).toMatchObject({ code: 0 });
    expect(await mayList("spark")).toBe(true);
    expect(await project.read(file)).not.toContain("mallory");
  });

  it("adds and removes a namespace with one mapping, and leaves nothing behind on destroy", async () => {
    // An explicit Kubernetes provider suppresses the warning.
    const head = 'const k8s = require("@pulumi/kubernetes");\n';
    const options = ', { providers: { kubernetes: new k8s.Provider("k8s", { context: "admin" }) } }';
    await project.program(head + service(["spark", "flink"], options));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.not.stringContaining("current context") });
    expect([await mayList("spark"), await mayList("flink")]).toEqual([true, true]);
    const collector = collectGarbage();
    await project.program(head + service(["flink"], options));
    expect(await project.up()).toMatchObject({ code: 0 });
    expect([await mayList("spark"), await mayList("flink")]).toEqual([false, true]);
    expect((await project.read(file)).split(roleArn)).toHaveLength(2);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    await collector.stop();
    await expectStatus(404);
    expect(await mayList("flink")).toBe(false);
    expect(await project.read(file)).not.toContain("AWSServiceRole");
  });

  /**
   * Removes finalizers in place of the garbage collector, which a bare API server lacks: the plugin deletes in the foreground, so an
   * object remains until its dependents are deleted. These objects have none.
   */
  function collectGarbage(): { stop(): Promise<void> } {
    let isRunning = true;
    const release = async (list: string) => {
      const { body } = await cluster.request("GET", list);
      const { items }: { items: { metadata: { name: string; deletionTimestamp?: string } }[] } = Object(body);
      for (const { metadata } of items.filter((item) => item.metadata.deletionTimestamp !== undefined)) {
        await cluster.request("PATCH", `${list}/${metadata.name}`, { metadata: { finalizers: null } });
      }
    };
    const collecting = (async () => {
      while (isRunning) {
        for (const namespace of ["spark", "flink"]) {
          await release(`${rbac.replace("spark", namespace)}/roles`);
          await release(`${rbac.replace("spark", namespace)}/rolebindings`);
        }
        await setTimeout(100);
      }
    })();
    const stop = () => {
      isRunning = false;
      return collecting;
    };
    return { stop };
  }
});
