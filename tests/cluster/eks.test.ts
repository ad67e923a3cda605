import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseMap } from "../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../provider/identity/identity.ts";
import { whoLogsIn } from "../../provider/identity/whoLogsIn.ts";
import { lintMap } from "../../provider/lint.ts";
import { TokenWebhook } from "../support/authenticator/tokenWebhook.ts";
import { callerOf, credentialsOf, tokenFor } from "../support/aws/caller.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../support/aws/endpoint.ts";
import type { EksCluster } from "../support/aws/responses.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { whoIs } from "../support/cluster/selfSubjectReview.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { late, plainly } from "../support/doors/declared.ts";
import { doors, dynamicDoor } from "../support/doors/door.ts";
import { mappingsOf, stateFileOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { sample } from "../support/nightly.ts";

const deployer = callerOf("deployer", "arn:aws:iam::111122223333:user/deployer");
const pipeline = callerOf("pipeline", "arn:aws:sts::111122223333:assumed-role/pipeline/run-7");

/** What a program asks for, somebody whom it is for, and who that is to be in the cluster. */
const grants = [
  {
    args: { arn: "arn:aws:iam::111122223333:role/dev", username: "dev:{{SessionName}}", groups: ["dev", "viewers"] },
    caller: callerOf("dev", "arn:aws:sts::111122223333:assumed-role/dev/jane@example.com"),
    user: { username: "dev:jane-example.com", groups: ["dev", "viewers"] },
  },
  {
    args: { arn: "arn:aws:iam::111122223333:role/eng/Ops", username: "ops", groups: ["system:masters"] },
    caller: callerOf("ops", "arn:aws:sts::111122223333:assumed-role/Ops/on-call"),
    user: { username: "ops", groups: ["system:masters"] },
  },
  {
    args: { arn: "arn:aws:iam::111122223333:user/people/joe", groups: ["on-call"] },
    caller: callerOf("joe", "arn:aws:iam::111122223333:user/people/joe"),
    user: { groups: ["on-call"] },
  },
  {
    args: { account: "012345678901" },
    caller: callerOf("sandbox", "arn:aws:sts::012345678901:assumed-role/anybody/s"),
    user: { username: "arn:aws:iam::012345678901:role/anybody", groups: [] },
  },
  {
    args: { arn: "arn:aws:iam::111122223333:role/reader", username: "reader" },
    caller: callerOf("reader", "arn:aws:sts::111122223333:assumed-role/reader/s"),
    user: { username: "reader", groups: [] },
  },
  {
    // Unquoted, none of these would be a string to the authenticator.
    args: { arn: "arn:aws:iam::111122223333:role/traps", username: "y", groups: ["1e3", "0123", "null", "on"] },
    caller: callerOf("traps", "arn:aws:sts::111122223333:assumed-role/traps/s"),
    user: { username: "y", groups: ["0123", "1e3", "null", "on"] },
  },
] as const;

describe.each(sample(doors))(
  "EKS clusters by name, through the real AWS SDK and the $name, and the real authenticator on the aws-auth of the real API server",
  (door) => {
    let aws: AwsEndpoint;
    let authenticator: TokenWebhook;
    let cluster: TestCluster;
    let map: AwsAuthMap;
    let project: TestProject;
    const clusters = new Map<string, EksCluster>();
    const identities = new Map<string, string>();

    beforeAll(async () => {
      const callers = [deployer, pipeline, ...grants.map(({ caller }) => caller)];
      aws = await startAwsEndpoint({ identity: deployer.arn, identities, clusters, callers });
      const creator = { arn: deployer.arn, username: "deployer" };
      authenticator = await TokenWebhook.start({ cluster: "prod", sts: aws.url, creator });
      cluster = await startCluster({
        users: [{ name: "deployer" }],
        authenticationTokenWebhookConfigFile: authenticator.configFile,
      });
      await authenticator.watch(cluster.kubeconfigFile());
      map = new AwsAuthMap(cluster);
      await grant(cluster, "deployer", writerRules);
      const { server: endpoint, caData } = cluster;
      clusters.set("prod", { endpoint, caData, authenticationMode: "CONFIG_MAP" });
      clusters.set("modern", { endpoint, caData, authenticationMode: "API" });
      project = await TestProject.create({
        ...door.options,
        config: { "aws-auth:cluster": "prod", [door.regionKey]: "eu-central-1" },
        env: {
          AWS_ENDPOINT_URL_EKS: aws.url,
          AWS_ENDPOINT_URL_STS: aws.url,
          ...credentialsOf(deployer),
          AWS_EC2_METADATA_DISABLED: "true",
        },
      });
    });
    afterAll(async () => {
      await project?.remove();
      await authenticator?.stop();
      await cluster?.stop();
      await aws?.stop();
    });

    const letThrough = { AWS_AUTH_LOCKOUT_PROTECTION: "off" };

    const declare = (mappings: Readonly<Record<string, object>>) => project.program(door.program(plainly(mappings)));

    /** Who everybody is whom the program maps, by tokens of now. */
    const everybody = () =>
      Promise.all(grants.map(async ({ caller }) => whoIs(cluster, await tokenFor(caller, "prod"))));

    it("give the mapped identities their username and groups, and no access after a destroy; create a missing ConfigMap, and call EKS once for each run", async () => {
      await map.reset(undefined);
      await declare(Object.fromEntries(grants.map(({ args }, index) => [`m${index}`, args])));
      const before = aws.requests.length;
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 7 created") });
      const requests = aws.requests.slice(before);
      // The provider asks nobody but EKS; the authenticator asks STS, with the token that the provider made.
      expect(requests.filter(({ operation }) => operation === "DescribeCluster")).toHaveLength(1);
      const [asked, ...others] = requests.filter(({ operation }) => operation !== "DescribeCluster");
      expect(asked).toMatchObject({
        operation: "GetCallerIdentity",
        headers: { host: "sts.eu-central-1.amazonaws.com", "x-k8s-aws-id": "prod" },
        accessKeyId: deployer.accessKeyId,
      });
      expect(others).toEqual([]);

      const users = grants.map(({ user }) => user);
      await expect.poll(everybody, { timeout: 60_000 }).toMatchObject(users);
      const [jane] = await everybody();
      expect(jane?.extra).toMatchObject({
        arn: ["arn:aws:sts::111122223333:assumed-role/dev/jane@example.com"],
        canonicalArn: ["arn:aws:iam::111122223333:role/dev"],
      });
      expect(await whoIs(cluster, await tokenFor(grants[0].caller, "staging"))).toBeUndefined();
      await expect.poll(() => authenticator.lastDenial, { timeout: 60_000 }).toContain("SignatureDoesNotMatch");
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });

      const state = await stateFileOf(project);
      for (const secret of [cluster.server, cluster.caData, "k8s-aws-v1", ...Object.values(credentialsOf(deployer))]) {
        expect(state).not.toContain(secret);
      }
      for (const { inputs } of await mappingsOf(project)) {
        expect(inputs["cluster"]).toEqual({ name: "prod", region: "eu-central-1", account: "111122223333" });
      }
      expect(await project.with(letThrough).destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual({ mapRoles: "[]\n", mapUsers: "[]\n", mapAccounts: "[]\n" });
      await expect.poll(everybody, { timeout: 60_000 }).toEqual(grants.map(() => undefined));
      await expect.poll(() => authenticator.lastDenial, { timeout: 60_000 }).toContain("not mapped");
      expect(await whoIs(cluster, await tokenFor(deployer, "prod"))).toMatchObject({ username: "deployer" });
    });

    it("refuse every login of a user whose username has the template of a node, even in a listed account, as explain and lint say", async () => {
      const { caller } = grants[2];
      const entry = (username: string) => `- userarn: ${caller.arn}\n  username: ${username}\n  groups: [viewers]\n`;
      const data = { mapUsers: entry("joe-{{EC2PrivateDNSName}}"), mapAccounts: '- "111122223333"\n' };
      const document = parseMap(data);
      expect(whoLogsIn(clusterAccess(document), identityOf(caller.arn))).toMatchObject({
        answer: "no",
        logins: [{ entry: { key: "mapUsers" } }],
      });
      expect(lintMap({ data, access: clusterAccess(document) })).toMatchObject([
        { code: "never-matches", severity: "error" },
      ]);

      const joe = async () => whoIs(cluster, await tokenFor(caller, "prod"));
      await map.reset({ ...data, mapUsers: entry("joe") });
      await expect.poll(joe, { timeout: 60_000 }).toMatchObject({ username: "joe", groups: ["viewers"] });
      await map.reset(data);
      await expect.poll(joe, { timeout: 60_000 }).toBeUndefined();
      const denial = "SessionName did not contain an instance id";
      await expect.poll(() => authenticator.lastDenial, { timeout: 60_000 }).toContain(denial);
    });

    it("can be named by the resource that makes them, whose ARN no preview knows before it exists, by a role that aws-auth itself lets in", async () => {
      const mapRoles = "- rolearn: arn:aws:iam::111122223333:role/pipeline\n  username: deployer\n";
      await map.reset({ mapRoles });
      const inPipeline = project.with(credentialsOf(pipeline));
      const arn = late("made", "arn:aws:eks:eu-central-1:111122223333:cluster/prod");
      const [first, second] =
        door === dynamicDoor
          ? // As the resources of other packages are, which the schema of the plugin does not take.
            [{ arn, name: "prod", endpoint: "" }, { eksCluster: { arn, name: "prod", endpoint: "" } }]
          : [arn, { name: arn }];
      await declare({
        made: { cluster: { manifest: "aws-auth.yaml" }, account: "012345678901" },
        a: { cluster: first, account: "012345678901" },
        b: { cluster: second, account: "012345678902" },
      });
      const before = aws.requests.length;
      const preview = await inPipeline.preview();
      expect(preview).toMatchObject({ code: 0, output: expect.stringMatching(/cluster *: \[unknown\]/) });
      expect(aws.requests).toHaveLength(before);
      expect(await inPipeline.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
      expect((await map.data())["mapAccounts"]).toContain('- "012345678902"');
      expect(await inPipeline.destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual({ mapRoles, mapAccounts: "[]\n" });
    });

    it("refuse to remove the mapping of the run itself, and name the setting that lets a destroy through", async () => {
      await map.reset({
        mapRoles: "- rolearn: arn:aws:iam::111122223333:role/pipeline\n  username: deployer\n  groups: [deployers]\n",
      });
      const inPipeline = project.with(credentialsOf(pipeline));
      const other = { account: "012345678901" };
      const arn = "arn:aws:iam::111122223333:role/pipeline";
      await declare({ other, pipeline: { arn, username: "deployer", groups: ["deployers"] } });
      expect(await inPipeline.up()).toMatchObject({ code: 0 });
      const refused = await inPipeline.destroy();
      expect(refused.code).not.toBe(0);
      expect(refused.output).toContain("AWS_AUTH_LOCKOUT_PROTECTION=off");
      expect((await map.data())["mapRoles"]).toContain(arn);
      expect(await inPipeline.with(letThrough).destroy()).toMatchObject({ code: 0 });
    });

    /** How each of them is found, and its whole text, is in tests/unit/cluster. */
    const refused = [
      [
        "another account's cluster of the same name",
        "arn:aws:eks:eu-central-1:444455556666:cluster/prod",
        'EKS cluster "prod" (eu-central-1) of account 444455556666',
      ],
      [
        "a whole kubeconfig, without its content",
        { apiVersion: "v1", users: [{ token: "t0p-secret" }] },
        "cluster is a whole kubeconfig",
      ],
      ["an unknown name", "prdo", 'EKS cluster "prdo" (eu-central-1) does not exist'],
      [
        "a cluster that ignores the ConfigMap",
        "modern",
        "authenticationMode CONFIG_MAP does not fit the cluster, whose mode is API",
      ],
    ] as const;

    // YAML itself refuses what has another type.
    const typed = refused.filter(([, named]) => door === dynamicDoor || typeof named === "string");

    it.each(sample(typed))("fail the preview: %s", async (_title, named, text) => {
      await declare({ a: { cluster: named, account: "012345678901" } });
      const { code, output } = await project.preview();
      expect(code).not.toBe(0);
      expect(output).toContain(`has a problem: ${text}`);
      expect(output).not.toMatch(/^\s+at |t0p-secret/m);
    });

    it("that EKS no longer has hold no mappings, which credentials of another account do not tell: destroy fails with those, keeps the mappings, and else succeeds with a warning", async () => {
      await map.reset({});
      await declare({ a: { account: "012345678901" } });
      expect(await project.up()).toMatchObject({ code: 0 });
      const account = "111122223333";
      expect((await mappingsOf(project)).map(({ inputs }) => inputs["cluster"])).toEqual([
        { name: "prod", region: "eu-central-1", account },
      ]);
      aws.fail("DescribeCluster", { status: 404, code: "ResourceNotFoundException", message: "No cluster found." });
      identities.set(deployer.accessKeyId, "arn:aws:iam::444455556666:user/deployer");
      const refused = await project.destroy();
      identities.clear();
      const destroy = await project.destroy();
      aws.recover("DescribeCluster");
      expect(refused.code).not.toBe(0);
      const cluster = 'EKS cluster "prod" (eu-central-1) of account 111122223333';
      expect(refused.output).toContain(cluster);
      expect(destroy).toMatchObject({
        code: 0,
        output: expect.stringContaining(door.readsFirst ? "- 1 deleted" : "- 2 deleted"),
      });
      expect(destroy.output).toContain(`warning: ${cluster} does not exist`);
      expect((await map.data())["mapAccounts"]).toBe('- "012345678901"\n');
    });
  },
);
