import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { caData, type FakeApiServer, startApiServer } from "../../support/cluster/apiServer.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { TestProject } from "../../support/engine/testProject.ts";

/** Every kind of mapping, on every kind of cluster: what the states of all releases hold. Only ever add to it. */
export const program = `
  const arn = (name) => "arn:aws:iam::111122223333:" + name;
  const eks = { name: "prod", region: "eu-west-1" };

  new IdentityMapping("role", { arn: arn("role/dev"), username: "dev:{{SessionName}}", groups: ["viewers", "editors"] });
  new IdentityMapping("user", { arn: arn("user/alice"), groups: ["on-call"], adopt: true });
  new IdentityMapping("account", { account: "012345678901" });
  new IdentityMapping("role-eks", { cluster: eks, arn: arn("role/dev"), username: "dev" });
`;

/** A project with that program, and the two clusters that it maps in. */
export interface EveryForm {
  readonly project: TestProject;
  /** The cluster that EKS knows as "prod". */
  readonly eks: FakeApiServer;
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
    "012345678901 claim000.000001 test/test account",
    "111122223333:role/dev claim000.000002 test/test role",
    "111122223333:user/alice claim000.000004 test/test user",
  ],
  eks: ["111122223333:role/dev claim000.000003 test/test role-eks"],
} as const;

/** The configuration of the project; more of it may be set beside. */
export const config = { "aws-auth:manifest": "aws-auth.yaml" } as const;

/** Starts the clusters with foreign entries alone, for the running test. */
export async function startEveryForm(): Promise<EveryForm> {
  const eks = await startApiServer({ mapRoles: foreign });
  const aws = await startAwsEndpoint({
    identity: "arn:aws:iam::111122223333:user/me",
    clusters: new Map([["prod", { endpoint: eks.url, caData, authenticationMode: "CONFIG_MAP" }]]),
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
  return { project, eks };
}
