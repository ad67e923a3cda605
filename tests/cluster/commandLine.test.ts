import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { TokenWebhook } from "../support/authenticator/tokenWebhook.ts";
import { callerOf, credentialsOf } from "../support/aws/caller.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import type { EksCluster } from "../support/aws/responses.ts";
import { runCli } from "../support/cli/runCli.ts";
import { AwsAuthMap, grant, readerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";

const arn = "arn:aws:iam::111122223333:role/dev";
const data = { mapRoles: `- rolearn: ${arn}\n  username: dev\n  groups: [developers, auditors, nobody-knows]\n` };
const reader = callerOf("reader", "arn:aws:iam::111122223333:user/reader");
const rbac = "/apis/rbac.authorization.k8s.io/v1";

describe("the commands on a real API server", () => {
  let authenticator: TokenWebhook;
  let cluster: TestCluster;
  let aws: AwsEndpoint;
  let map: AwsAuthMap;

  beforeAll(async () => {
    const clusters = new Map<string, EksCluster>();
    aws = await startAwsEndpoint({ identity: reader.arn, callers: [reader], clusters });
    const creator = { arn: reader.arn, username: "reader" };
    authenticator = await TokenWebhook.start({ cluster: "prod", sts: aws.url, creator });
    cluster = await startCluster({
      users: [{ name: "reader" }, { name: "stranger" }],
      authenticationTokenWebhookConfigFile: authenticator.configFile,
    });
    await authenticator.watch(cluster.kubeconfigFile());
    await grant(cluster, "reader", readerRules);
    map = new AwsAuthMap(cluster);
    await map.reset(data);
    for (const [path, group] of [
      ["clusterrolebindings", "developers"],
      ["namespaces/kube-system/rolebindings", "auditors"],
    ] as const) {
      const { status } = await cluster.request("POST", `${rbac}/${path}`, {
        metadata: { name: group },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
      });
      expect(status).toBe(201);
    }
    const { server: endpoint, caData } = cluster;
    clusters.set("prod", { endpoint, caData, authenticationMode: "CONFIG_MAP" });
  });
  afterAll(async () => {
    await authenticator?.stop();
    await cluster?.stop();
    await aws?.stop();
  });

  it("lint names the group that no binding names, for whoever may list bindings", async () => {
    const { code, stdout } = await runCli(["lint", "-o", "json", "--kubeconfig", cluster.kubeconfigFile()]);
    const findings: { rule: string; message: string }[] = JSON.parse(stdout);
    expect(findings.map(({ rule }) => rule)).toEqual(["not-checked", "unbound-group"]);
    expect(findings[1]?.message).toContain('"nobody-knows"');
    expect(code).toBe(0);
    expect((await runCli(["lint", "--strict", "--kubeconfig", cluster.kubeconfigFile()])).code).toBe(1);
  });

  it("lint notes that bindings may not be listed, and goes on", async () => {
    const { code, stdout } = await runCli(["lint", "--kubeconfig", cluster.kubeconfigFile("reader")]);
    expect(stdout).toContain("note  aws-auth  [not-checked]");
    expect(stdout).toContain("listing clusterrolebindings, rolebindings returned 403");
    expect(code).toBe(0);
  });

  it("an EKS cluster is read by its name, and printed in the program with its account", async () => {
    const env = {
      AWS_ENDPOINT_URL_EKS: aws.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      ...credentialsOf(reader),
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const eks = ["--cluster", "prod", "--region", "eu-central-1"];
    const program = await runCli(["import", ...eks], { env });
    expect(program).toMatchObject({ code: 0, stderr: "" });
    expect(program.stdout).toMatch(/const cluster = \{ name: "prod", region: "eu-central-1", account: "\d{12}" \};/);
    const explained = await runCli(["explain", arn, "-o", "json", ...eks], { env });
    expect(JSON.parse(explained.stdout)).toMatchObject({
      answer: "yes",
      logins: [{ username: "dev", givenBy: { position: 1 } }],
    });
    const regionless = await runCli(["get", "--cluster", "prod"], { env });
    expect(regionless.code).toBe(2);
    expect(regionless.stderr).toMatch(/^error: EKS cluster "prod" has no region: give --region, [^\n]*\n$/);
  });

  it("the owners of entries are named by whoever may read the map, and by a plain get never", async () => {
    const claims = [
      "111122223333:role/dev aaaaaaaa.000001 apps/prod dev",
      "111122223333:role/dev bbbbbbbb.000001 infra/prod developers\u202e",
      "111122223333:role/gone bbbbbbbb.000002 infra/prod gone",
    ];
    const owners = ["apps/prod dev", "infra/prod developers\u202e"];
    const mapRoles = `- {rolearn: "${arn}", username: dev, groups: [developers]}\n`;
    const shared = { mapRoles, mapAccounts: '- "012345678901"\n' };
    const to = ["--kubeconfig", cluster.kubeconfigFile("reader")];
    const plain = () => Promise.all(["table", "json", "yaml"].map((format) => runCli(["get", "-o", format, ...to])));
    await map.reset(shared);
    const unclaimed = await plain();
    await map.reset(shared, { annotations: { "pulumi-aws-auth/claims": claims.join("\n") } });
    expect(await plain()).toEqual(unclaimed);

    const table = (await runCli(["get", "--wide", ...to])).stdout.split("\n");
    expect(table[0]).toMatch(/\tACCOUNT\t+OWNERS$/);
    expect(table[1]).toMatch(/012345678901\t+$/);
    expect(table[2]).toMatch(/\tapps\/prod dev, infra\/prod developers\\u202e$/);
    const json = JSON.parse((await runCli(["get", "--wide", "-o", "json", ...to])).stdout);
    expect(json).toEqual([
      { rolearn: arn, username: "dev", groups: ["developers"], owners },
      { account: "012345678901", owners: [] },
    ]);
    expect(parse((await runCli(["get", "--wide", "-o", "yaml", ...to])).stdout)).toEqual(json);

    const named = '"apps/prod dev" and "infra/prod developers\\u202e"';
    const explanation = (await runCli(["explain", arn, ...to])).stdout;
    expect(explanation).toContain(`\n  claimed by  ${named}\n`);
    const explained = await runCli(["explain", arn, "-o", "json", ...to]);
    expect(JSON.parse(explained.stdout)).toMatchObject({ logins: [{ givenBy: { owners } }] });
    const linted = (await runCli(["lint", ...to])).stdout.replace(/\n {4,}/g, " ");
    expect(linted).toContain(`warning  aws-auth  [claim-without-entry]\n  "infra/prod gone" claims`);
    expect(linted).toContain(`line ${JSON.stringify(claims[2])} from the annotation`);
    expect((await runCli(["import", ...to])).stdout).toContain(`// Also managed by ${named}.\n`);
    await map.reset(data);
  });

  it("reports in one sentence that the map may not be read, and no mappings for a cluster without a map", async () => {
    const refused = await runCli(["get", "--kubeconfig", cluster.kubeconfigFile("stranger")]);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toMatch(/^error: [^\n]*refuses to get kube-system\/aws-auth[^\n]*403[^\n]*\n$/);
    await map.reset(undefined);
    const none = await runCli(["get", "--kubeconfig", cluster.kubeconfigFile("reader")]);
    expect(none).toMatchObject({ code: 0, stdout: "No iamidentitymappings found\n" });
    expect(none.stderr).toContain("a kubeconfig does not lead to the EKS API; name the EKS cluster with --cluster");
    const imported = await runCli(["import", "--kubeconfig", cluster.kubeconfigFile("reader")]);
    expect(imported.stdout).not.toContain("const cluster");
    await map.reset(data);
  });
});
