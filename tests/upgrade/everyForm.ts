import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startAwsEndpoint } from "../support/aws/endpoint.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { type FakeApiServer, startApiServer } from "../unit/cluster/apiServer.ts";
import { startProxy } from "./proxy.ts";

/** Every kind of mapping, on every kind of cluster: what the states of all releases hold. Only ever add to it. */
export const program = `
  const arn = (name) => "arn:aws:iam::111122223333:" + name;
  const eks = { name: "prod", region: "eu-west-1" };
  const kubeconfig = { kubeconfig: "kubeconfig.yaml", context: "dev" };

  new IdentityMapping("role", { arn: arn("role/dev"), username: "dev:{{SessionName}}", groups: ["viewers", "editors"] });
  new IdentityMapping("user", { arn: arn("user/alice"), groups: ["on-call"], adopt: true });
  new IdentityMapping("account", { account: "012345678901" });
  new IdentityMapping("role-eks", { cluster: eks, arn: arn("role/dev"), username: "dev", noDuplicateARNs: false });
  new IdentityMapping("role-kubeconfig", { cluster: kubeconfig, arn: arn("role/dev"), username: "dev", groups: [] });
`;

/** A name that the state may hold, unlike a port of this machine; the kubeconfig's proxy leads from it to the server. */
const kubeconfig = (proxy: string) => `apiVersion: v1
kind: Config
clusters:
  - name: dev
    cluster: { server: "http://dev.example.com", proxy-url: "${proxy}" }
users:
  - name: me
    user: { token: t }
contexts:
  - name: dev
    context: { cluster: dev, user: me }
`;

/** A project with that program, and the three clusters that it maps in. */
export interface EveryForm {
  readonly project: TestProject;
  /** The cluster that EKS knows as "prod". */
  readonly eks: FakeApiServer;
  /** The cluster that the kubeconfig's context "dev" leads to. */
  readonly kubeconfig: FakeApiServer;
}

/** The entries of others, which are in every map from the start. */
export const foreign = `- groups:
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/node
  username: system:node:{{EC2PrivateDNSName}}
`;

/** What the program claims in each map, with the IDs that a kept state has. Every later version has to know these lines. */
export const claims = {
  manifest: [
    "012345678901 - claim1 organization/test/test account",
    "111122223333:role/dev 9f5eaa claim2 organization/test/test role",
    "111122223333:user/alice 5d3274 claim5 organization/test/test user",
  ],
  eks: ["111122223333:role/dev 540b38 claim3 organization/test/test role-eks"],
  kubeconfig: ["111122223333:role/dev 540b38 claim4 organization/test/test role-kubeconfig"],
} as const;

/** The configuration of the project; more of it may be set beside. */
export const config = { "aws-auth:manifest": "aws-auth.yaml" } as const;

/** Starts the clusters with foreign entries alone, for the running test. */
export async function startEveryForm(): Promise<EveryForm> {
  const eks = await startApiServer({ mapRoles: foreign });
  const byKubeconfig = await startApiServer({ mapRoles: foreign });
  const aws = await startAwsEndpoint({
    identity: "arn:aws:iam::111122223333:user/me",
    clusters: new Map([["prod", { endpoint: eks.url, caData: "", authenticationMode: "CONFIG_MAP" }]]),
  });
  onTestFinished(() => aws.stop());
  const project = await TestProject.create({
    config,
    env: {
      AWS_ENDPOINT_URL_EKS: aws.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_ACCESS_KEY_ID: "AKIATEST",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: join("/", "nowhere"),
      AWS_SHARED_CREDENTIALS_FILE: join("/", "nowhere"),
    },
  });
  onTestFinished(() => project.remove());
  await project.program(program);
  await project.write("aws-auth.yaml", manifestOf({ mapRoles: foreign }));
  await project.write("kubeconfig.yaml", kubeconfig(await startProxy(byKubeconfig.url)));
  return { project, eks, kubeconfig: byKubeconfig };
}
