import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { caData, type FakeApiServer, startApiServer } from "../../support/cluster/apiServer.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { TestProject } from "../../support/engine/testProject.ts";

/** Every kind of mapping on every kind of cluster, as the states of all releases contain them. Add to it, and remove nothing. */
export const program = `
  const arn = (name) => "arn:aws:iam::111122223333:" + name;
  const eks = { name: "prod", region: "eu-west-1" };

  new IdentityMapping("role", { arn: arn("role/dev"), username: "dev:{{SessionName}}", groups: ["viewers", "editors"] });
  new IdentityMapping("user", { arn: arn("user/alice"), groups: ["on-call"], adopt: true });
  new IdentityMapping("account", { account: "012345678901" });
  new IdentityMapping("role-eks", { cluster: eks, arn: arn("role/dev"), username: "dev" });
`;

/** A project with that program, and the API server of its EKS cluster. */
export interface EveryForm {
  readonly project: TestProject;
  /** The API server of the EKS cluster "prod". */
  readonly eks: FakeApiServer;
}

/** The entry of others that every map contains from the start. */
export const foreign = `- groups:
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/node
  username: system:node:{{EC2PrivateDNSName}}
`;

/** The claims of the program in each map, with the IDs of the recorded states: real stems, and numbers as random parts. Every later version has to read these lines. */
export const claims = {
  manifest: [
    "012345678901 10w8d4sp.000001 test/test account",
    "111122223333:role/dev qp8w43id.000002 test/test role",
    "111122223333:user/alice wnufj0ex.000004 test/test user",
  ],
  eks: ["111122223333:role/dev bprfudes.000003 test/test role-eks"],
} as const;

/** The configuration of the project. */
export const config = { "aws-auth:manifest": "aws-auth.yaml" } as const;

/** Starts the clusters with only foreign entries, for the running test. */
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
