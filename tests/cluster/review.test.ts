import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AccessReview } from "../../provider/review/model.ts";
import { fieldsOf } from "../../provider/text/fields.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import { startTokenReviewer, type TokenReviewer } from "../support/aws/tokenReview.ts";
import { runCli } from "../support/cli/runCli.ts";
import { AwsAuthMap, grant, readerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { readBlock } from "../support/docs/markdown.ts";

const page = "docs/reviewing-access.md";
const rbac = "rbac.authorization.k8s.io";
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const entry = (name: string, username: string, groups: string) =>
  `- rolearn: ${role(name)}\n  username: ${username}\n  groups: [${groups}]\n`;
const yesterday = entry("developers", "developer:{{SessionName}}", "developers");
const users = "- userarn: arn:aws:iam::111122223333:user/on-call\n  username: on-call\n  groups: [on-call]\n";
const data = { mapRoles: `${yesterday}${entry("platform", "platform", "system:masters")}`, mapUsers: users };
const owner = {
  "pulumi-aws-auth/claims": "111122223333:role/developers aaaaaaaa.000001 acme/infra/prod developers",
};

let aws: AwsEndpoint;
let reviewer: TokenReviewer;
let cluster: TestCluster;
let map: AwsAuthMap;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-review-"));
  reviewer = await startTokenReviewer({ AKIAREVIEWER: "reviewer" }, "prod");
  cluster = await startCluster({
    users: [{ name: "reader" }],
    authenticationTokenWebhookConfigFile: reviewer.configFile,
  });
  const { server: endpoint, caData } = cluster;
  aws = await startAwsEndpoint({
    identity: "arn:aws:iam::111122223333:user/reviewer",
    clusters: new Map([["prod", { endpoint, caData, authenticationMode: "CONFIG_MAP" }]]),
  });
  await grant(cluster, "reader", readerRules);
  map = new AwsAuthMap(cluster);
  await aggregate("view");
  await aggregate("edit");
  await bind("clusterrolebindings", "reviewer", "cluster-admin", "User");
  await bind("clusterrolebindings", "developers", "view");
  await bind("namespaces/default/rolebindings", "developers", "edit");
  await bind("namespaces/kube-system/rolebindings", "on-call", "cluster-admin");
});
afterAll(async () => {
  await cluster?.stop();
  await reviewer?.stop();
  await aws?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Gives a role its own rules, as the controller does that a test cluster does without. */
async function aggregate(name: string): Promise<void> {
  const path = `/apis/${rbac}/v1/clusterroles`;
  const { body } = await cluster.request("GET", `${path}/system:aggregate-to-${name}`);
  const { status } = await cluster.request("PUT", `${path}/${name}`, {
    metadata: { name },
    rules: fieldsOf(body)["rules"],
  });
  expect(status).toBe(200);
}

async function bind(path: string, subject: string, name: string, kind = "Group"): Promise<void> {
  const { status } = await cluster.request("POST", `/apis/${rbac}/v1/${path}`, {
    metadata: { name: subject },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
    subjects: [{ apiGroup: rbac, kind, name: subject }],
  });
  expect(status).toBe(201);
}

function review(...args: string[]) {
  const env = {
    AWS_ENDPOINT_URL_EKS: aws.url,
    AWS_ACCESS_KEY_ID: "AKIAREVIEWER",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "eu-central-1",
  };
  return runCli(["review", ...args], { cwd: directory, env });
}

it("fails a job for a new administrator, and prints what docs/reviewing-access.md shows", async () => {
  await map.reset({ ...data, mapRoles: yesterday }, { annotations: owner });
  const prod = ["--cluster", "prod"];
  const before = await review(...prod, "-o", "json");
  expect(before).toMatchObject({ code: 0, stderr: "" });
  const since: AccessReview = { ...JSON.parse(before.stdout), createdAt: "2026-11-24T04:00:00.000Z" };
  await writeFile(join(directory, "yesterday.json"), JSON.stringify(since));
  const failOn = ["--since", "yesterday.json", "--fail-on", "change"];
  expect(await review(...prod, ...failOn)).toMatchObject({ code: 0 });

  await map.reset(data, { annotations: owner });
  const { code, stdout } = await review(...prod, ...failOn);
  expect(code).toBe(1);
  const shown = await readBlock(page, "$ npx pulumi-aws-auth review --cluster prod --since yesterday.json");
  expect(stdout).toBe(shown.slice(shown.indexOf("\n") + 1));
});

it("does not know access entries by a kubeconfig, rights without permission to list bindings, nor a cluster that does not respond", async () => {
  await map.reset(data, { annotations: owner });
  await writeFile(
    join(directory, "gone.json"),
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "gone", context: { cluster: "c", user: "u" } }],
      "current-context": "gone",
    }),
  );
  const reader = await review("--kubeconfig", cluster.kubeconfigFile("reader"), "-o", "json");
  const [blind] = (JSON.parse(reader.stdout) as AccessReview).clusters;
  expect(reader.code).toBe(2);
  expect(blind?.unknown).toEqual([
    expect.stringMatching(/^access entries are unknown: a kubeconfig does not lead to the EKS API/),
    expect.stringMatching(/^rights are unknown.*returned 403/),
  ]);

  await writeFile(
    join(directory, "clusters.yaml"),
    `- {kubeconfig: gone.json, context: gone}\n- kubeconfig: ${cluster.kubeconfigFile()}\n`,
  );
  const both = await review("--clusters", "clusters.yaml", "-o", "json");
  expect(both.code).toBe(2);
  const { clusters, unread }: AccessReview = JSON.parse(both.stdout);
  expect(clusters.map(({ unknown, identities }) => [unknown, identities.length])).toEqual([[[expect.any(String)], 3]]);
  expect(unread.map(({ name, code }) => [name, code])).toEqual([["gone", "clusterUnreachable"]]);
});
