import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { parse } from "yaml";
import { rbac } from "../support/cluster/awsAuth.ts";
import { test } from "../support/cluster/deployer.ts";
import { repository } from "../support/engine/testProject.ts";
import { isAllowed } from "../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";

const serviceRoleArn = "arn:aws:iam::123456789012:role/AWSServiceRoleForAmazonEMRContainers";

/** An item of an eksctl file, as far as the example has it. */
interface Item {
  readonly arn?: string;
  readonly account?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
}

test("the eksctl file of the example is mapped on a real API server, a second time changes nothing, and it goes without a trace", async ({
  cluster,
  map,
}) => {
  const namespace = "spark";
  await cluster.create("/api/v1/namespaces", { metadata: { name: namespace } });
  const mayEmr = (verb: string) => isAllowed(cluster, "emr-containers", { verb, resource: "pods", namespace });
  const file = await readFile(join(repository, "examples", "eksctl-file", "cluster.yaml"), "utf8");
  const project = await projectWithStandIns({ kubeconfig: cluster.kubeconfigFile() });
  onTestFinished(() => project.remove());
  await project.write("cluster.yaml", file);
  const kubeconfig = JSON.stringify(cluster.kubeconfigFile("deployer"));
  await project.program(
    `new awsAuth.IdentityMappings("team", { file: "cluster.yaml", cluster: { kubeconfig: ${kubeconfig} }, serviceRoleArn: "${serviceRoleArn}" });`,
  );
  expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 9 created") });

  // Several are written at once, in an order of their own.
  const items: readonly Item[] = parse(file).iamIdentityMappings;
  const entries = items.flatMap(({ arn, username, groups }) => {
    const key = arn?.includes(":user/") ? "userarn" : "rolearn";
    return arn === undefined ? [] : [{ [key]: arn, ...(username && { username }), ...(groups && { groups }) }];
  });
  const { mapRoles = "", mapUsers = "[]", mapAccounts = "" } = await map.data();
  const stored: object[] = [...parse(mapRoles), ...parse(mapUsers)];
  expect(stored).toHaveLength(entries.length + 1);
  expect(stored).toEqual(expect.arrayContaining([...entries, { rolearn: serviceRoleArn, username: "emr-containers" }]));
  expect(parse(mapAccounts)).toEqual(items.flatMap(({ account }) => account ?? []));
  expect(await mayEmr("create")).toBe(true);

  expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
  expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
  expect(new Set(Object.values(await map.data()))).toEqual(new Set(["[]\n"]));
  expect(await mayEmr("get")).toBe(false);
  expect(await cluster.request("GET", `${rbac}/namespaces/${namespace}/rolebindings/emr-containers`)).toMatchObject({
    status: 404,
  });
});
