import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { startTokenReviewer, type TokenReviewer } from "../../support/aws/tokenReview.ts";
import { AwsAuthMap, grant, writerRules } from "../../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../../support/cluster/startCluster.ts";
import { EksStandIn } from "../../support/eks/standIn.ts";
import { splitClaims } from "../../support/engine/manifest.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import {
  type ExampleOptions,
  exampleNames,
  exampleProject,
  installExample,
  linkExample,
} from "../../support/exampleProject.ts";

interface FileExample extends ExampleOptions {
  /** Runs before the stack is destroyed. */
  readonly beforeDestroy?: (project: TestProject) => Promise<void>;
}

const onFiles: Readonly<Record<string, FileExample>> = {
  "team-access": {
    config: {
      "aws-auth:manifest": "aws-auth.yaml",
      "aws-auth-team-access:team": "team-a",
      "aws-auth-team-access:roleArn": "arn:aws:iam::111122223333:role/team-a-developers",
    },
    standIns: { kubeconfig: "" },
  },
  environments: { stack: "dev", beforeDestroy: unprotectClusters },
  adopt: { stack: "dev" },
  // Installed as examples/README.md describes; the other examples use links.
  "drift-check": { stack: "dev", beforeDestroy: expectDrift, install: installExample },
  gitops: { stack: "staging" },
  policy: { stack: "dev", beforeDestroy: (example) => unprotect(example) },
};

let project: TestProject;
afterEach(() => project?.remove());

it("every Node.js example is tested here or in a separate suite", () => {
  const others = ["api-cluster", "ci", "eksctl-file", "identity-center", "migrate", "team-stacks"];
  expect(exampleNames().inNode).toEqual([...Object.keys(onFiles), ...others].toSorted());
});

// The first run checks the types. An installation takes a minute on a busy machine with empty caches.
describe("an example from the packed package, with the dependencies in its package.json", { timeout: 600_000 }, () => {
  it.each(Object.entries(onFiles))(
    "%s: runs up, shows no change, and is destroyed",
    async (name, { beforeDestroy, ...options }) => {
      project = await exampleProject(name, { install: linkExample, ...options });
      expect(await project.up()).toMatchObject({ code: 0 });
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      await beforeDestroy?.(project);
      expect(await project.destroy("--refresh")).toMatchObject({ code: 0 });
    },
  );

  it("team-stacks: previews with its policy, without access to Kubernetes", async () => {
    const aws = await EksStandIn.start();
    onTestFinished(() => aws.stop());
    aws.addCluster({ name: "prod", authenticationMode: "API" });
    const iam = "arn:aws:iam::111122223333";
    const team = aws.caller("team", aws.principals.create(`${iam}:user/team`).arn);
    aws.principals.create(`${iam}:role/team-a/team-a-developers`);
    const standIns = { kubeconfig: "" };
    project = await exampleProject("team-stacks", {
      stack: "prod",
      standIns,
      env: aws.env(team),
      install: linkExample,
    });
    aws.attach(team, JSON.parse(await project.read("team-a.policy.json")));
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 to create") });
  });

  describe("on a cluster", () => {
    let reviewer: TokenReviewer;
    let cluster: TestCluster;
    let aws: AwsEndpoint;
    beforeAll(async () => {
      reviewer = await startTokenReviewer({ AKIADEPLOYER: "deployer" }, "payments");
      const authenticationTokenWebhookConfigFile = reviewer.configFile;
      cluster = await startCluster({ users: [{ name: "deployer" }], authenticationTokenWebhookConfigFile });
      await grant(cluster, "deployer", writerRules);
      const payments = { endpoint: cluster.server, caData: cluster.caData, authenticationMode: "CONFIG_MAP" } as const;
      aws = await startAwsEndpoint({
        identity: "arn:aws:iam::111122223333:user/deployer",
        identities: new Map(),
        clusters: new Map([["payments", payments]]),
      });
    });
    afterAll(async () => {
      await cluster?.stop();
      await reviewer?.stop();
      await aws?.stop();
    });

    it("eksctl-file: maps the file on its cluster, shows no change, and is destroyed", async () => {
      project = await exampleProject("eksctl-file", {
        install: installExample,
        config: { "aws-auth-eksctl-file:account": "111122223333" },
        standIns: { kubeconfig: cluster.kubeconfigFile() },
        env: {
          AWS_ENDPOINT_URL_EKS: aws.url,
          AWS_ENDPOINT_URL_STS: aws.url,
          AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
          AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
          AWS_EC2_METADATA_DISABLED: "true",
        },
      });
      await cluster.create("/api/v1/namespaces", { metadata: { name: "spark" } });
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 9 created") });
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      const map = new AwsAuthMap(cluster);
      expect(Object.values(await map.data()).join("")).toContain("emr-containers");
      expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
      expect(new Set(Object.values(await map.data()))).toEqual(new Set(["[]\n"]));
    });
  });
});

async function unprotect(example: TestProject, maps: readonly string[] = ["aws-auth.dev.yaml"]): Promise<void> {
  expect(await example.destroy()).toMatchObject({ code: 1, output: expect.stringContaining("protected") });
  for (const map of maps) {
    expect(await example.read(map)).toContain("role/nodes");
  }
  expect(await example.pulumi("state", "unprotect", "--all", "--yes")).toMatchObject({ code: 0 });
}

/** Checks that the job's command exits with 7 and prints the README's output. */
async function expectDrift(example: TestProject): Promise<void> {
  const map = await example.read("aws-auth.dev.yaml");
  await example.write("aws-auth.dev.yaml", map.replace("- developers", "- admins"));
  const { code, output } = await example.preview("--expect-no-changes");
  expect(output).toContain(String.raw`groups: "the cluster has \"admins\"; pulumi up restores \"developers\""`);
  expect(code).toBe(7);
}

async function unprotectClusters(example: TestProject): Promise<void> {
  const maps = ["aws-auth.berlin.yaml", "aws-auth.ohio.yaml"];
  for (const map of maps) {
    expect(splitClaims(await example.read(map)).claims).toBe(2);
  }
  await unprotect(example, maps);
}
