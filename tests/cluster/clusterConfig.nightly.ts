import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { Oracle } from "../support/authenticator/oracle.ts";
import { grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { repository, type TestProject } from "../support/engine/testProject.ts";
import { mayDo } from "../support/standIns/accessReview.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";

const account = "123456789012";
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;
const head = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: { name: demo, region: us-west-2, version: "1.36", tags: { team: platform } }
iamIdentityMappings:
`;

// Four roles, two users, an account with a leading zero and a service.
const items = [
  `- { arn: "${role("admin")}", username: admin, groups: ["system:masters"], noDuplicateARNs: true }`,
  `- { arn: "${role("dev")}", username: "dev:{{SessionName}}", groups: [dev, viewers] }`,
  `- { arn: "${role("ci")}", username: ci }`,
  `- { arn: "${role("node")}", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] }`,
  `- { arn: "${user("alice")}", username: alice, groups: [oncall] }`,
  `- { arn: "${user("bob")}", groups: [viewers] }`,
  '- account: "012345678901"',
  "- { serviceName: emr-containers, namespace: spark }",
];

/** What eksctl's map for that file says, whatever the notation: each identity and what it gets. */
const mapped = {
  mapRoles: [
    { rolearn: role("admin"), username: "admin", groups: ["system:masters"] },
    { rolearn: role("dev"), username: "dev:{{SessionName}}", groups: ["dev", "viewers"] },
    { rolearn: role("ci"), username: "ci" },
    {
      rolearn: role("node"),
      username: "system:node:{{EC2PrivateDNSName}}",
      groups: ["system:bootstrappers", "system:nodes"],
    },
    { rolearn: role("AWSServiceRoleForAmazonEMRContainers"), username: "emr-containers" },
  ],
  mapUsers: [
    { userarn: user("alice"), username: "alice", groups: ["oncall"] },
    { userarn: user("bob"), groups: ["viewers"] },
  ],
  mapAccounts: ["012345678901"],
};

let cluster: TestCluster;
let project: TestProject;

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "deployer" }] });
  await grant(cluster, "deployer", writerRules);
  await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "spark" } });
  project = await projectWithStandIns({ kubeconfig: cluster.kubeconfigFile() });
});
afterAll(async () => {
  await project?.remove();
  await cluster?.stop();
});
beforeEach(async () => {
  const kubeconfig = JSON.stringify(cluster.kubeconfigFile("deployer"));
  await project.program(
    `new awsAuth.IdentityMappings("team", { file: "cluster.yaml", cluster: { kubeconfig: ${kubeconfig} }, serviceRoleArn: "${role("AWSServiceRoleForAmazonEMRContainers")}" });`,
  );
});

async function liveData(): Promise<Record<string, string>> {
  const { body } = await cluster.request("GET", "/api/v1/namespaces/kube-system/configmaps/aws-auth");
  return typeof body === "object" && body !== null && "data" in body ? Object(body.data) : {};
}

/** The entries of the live map, in an order of their own: several are written at once. */
async function liveMap(): Promise<Record<string, unknown[]>> {
  const data = await liveData();
  return sorted(Object.fromEntries(Object.entries(data).map(([key, text]) => [key, [...parse(text)]])));
}

function sorted(map: Record<string, unknown[]>): Record<string, unknown[]> {
  const bySpelling = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b));
  return JSON.parse(JSON.stringify(map), (_, value) => {
    if (Array.isArray(value)) {
      return value.toSorted(bySpelling);
    }
    const isEntry = typeof value === "object" && value !== null;
    return isEntry ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b))) : value;
  });
}

describe("a ClusterConfig on a real API server", () => {
  it("has the same content as eksctl's map", async () => {
    await project.write("cluster.yaml", `${head}${items.join("\n")}\n`);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await liveMap()).toEqual(sorted(mapped));
    const { status } = await cluster.request(
      "GET",
      "/apis/rbac.authorization.k8s.io/v1/namespaces/spark/rolebindings/emr-containers",
    );
    expect(status).toBe(200);
  });

  it("has that content for the authenticator's own code", async () => {
    const oracle = await Oracle.start();
    const arns = [
      ...["admin", "dev", "ci", "node", "AWSServiceRoleForAmazonEMRContainers", "nobody"].map(role),
      ...["alice", "bob", "carol"].map(user),
      "arn:aws:iam::012345678901:user/anybody",
    ];
    const eksctls = Object.fromEntries(Object.entries(mapped).map(([key, entries]) => [key, stringify(entries)]));
    const [ours, theirs] = [await oracle.ask(await liveData(), arns), await oracle.ask(eksctls, arns)];
    oracle.stop();
    expect(ours).toEqual(theirs);
    expect(ours.identities.map(({ outcomes }) => outcomes.length)).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 0, 1]);
  });

  it("changes nothing the second time", async () => {
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("makes one change for an item inserted in the middle", async () => {
    const more = `- { arn: "${role("new")}", groups: [new] }`;
    await project.write("cluster.yaml", `${head}${items.toSpliced(3, 0, more).join("\n")}\n`);
    const { code, output } = await project.up();
    expect(code).toBe(0);
    expect(output).toMatch(/Resources:\n\s+\+ 1 created\n\s+\d+ unchanged/);
    const withMore = { ...mapped, mapRoles: [...mapped.mapRoles, { rolearn: role("new"), groups: ["new"] }] };
    expect(await liveMap()).toEqual(sorted(withMore));
  });

  it("goes without a trace", async () => {
    expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
    expect(await liveMap()).toEqual({ mapRoles: [], mapUsers: [], mapAccounts: [] });
    expect(await mayDo(cluster, "emr-containers", { verb: "get", resource: "pods", namespace: "spark" })).toBe(false);
  });
});

it("the file of the example works as it stands", async () => {
  await project.write(
    "cluster.yaml",
    await readFile(join(repository, "examples", "eksctl-file", "cluster.yaml"), "utf8"),
  );
  const { code, output } = await project.up();
  expect(code).toBe(0);
  expect(output).toMatch(/\+ 9 created/);
  expect(await mayDo(cluster, "emr-containers", { verb: "create", resource: "pods", namespace: "spark" })).toBe(true);
  expect(await liveMap()).toMatchObject({ mapAccounts: ["012345678901"] });
  expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
});
