import {
  AssociateAccessPolicyCommand,
  CreateAccessEntryCommand,
  type CreateAccessEntryCommandInput,
  DescribeAccessEntryCommand,
  EKSClient,
} from "@aws-sdk/client-eks";
import { onTestFinished } from "vitest";
import type { AwsCaller } from "../../support/aws/caller.ts";
import { EksStandIn, type StandInOptions } from "../../support/eks/standIn.ts";

export const account = "111122223333";
export const clusterName = "prod";
export const devArn = `arn:aws:iam::${account}:role/eng/dev`;
export const adminPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
export const viewPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";

/** A clock that stands still until it is moved. */
export class Clock {
  now = Date.parse("2026-11-25T12:00:00Z");
  readonly read = () => this.now;
}

export interface World {
  readonly aws: EksStandIn;
  readonly clock: Clock;
  readonly deployer: AwsCaller;
  /** Of the deployer, who may do everything; makes one attempt of each call. */
  readonly eks: EKSClient;
}

/** A cluster "prod" that knows access entries, a role "dev", and a user who may do everything. */
export async function world(options: StandInOptions = {}): Promise<World> {
  const clock = new Clock();
  const aws = await EksStandIn.start({ now: clock.read, ...options });
  onTestFinished(() => aws.stop());
  aws.addCluster({ name: clusterName, authenticationMode: "API_AND_CONFIG_MAP" });
  aws.principals.create(devArn);
  const deployer = aws.caller("deployer", aws.principals.create(`arn:aws:iam::${account}:user/deployer`).arn);
  clock.now += 3_600_000;
  return { aws, clock, deployer, eks: clientOf(aws, deployer) };
}

/** A client of the real SDK that makes one attempt of each call. */
export function clientOf(aws: EksStandIn, credentials: AwsCaller, region = "eu-central-1", maxAttempts = 1): EKSClient {
  const client = new EKSClient({ region, credentials, endpoint: aws.url, maxAttempts });
  onTestFinished(() => client.destroy());
  return client;
}

/** Makes an entry for the role "dev". */
export async function createEntry(eks: EKSClient, input: Partial<CreateAccessEntryCommandInput> = {}) {
  const command = new CreateAccessEntryCommand({ clusterName, principalArn: devArn, ...input });
  return (await eks.send(command)).accessEntry ?? {};
}

export async function describeEntry(eks: EKSClient, principalArn = devArn) {
  return (await eks.send(new DescribeAccessEntryCommand({ clusterName, principalArn }))).accessEntry ?? {};
}

/** Gives the role "dev" a policy for the whole cluster. */
export function associate(eks: EKSClient, policyArn = adminPolicy, principalArn = devArn) {
  const accessScope = { type: "cluster" } as const;
  return eks.send(new AssociateAccessPolicyCommand({ clusterName, principalArn, policyArn, accessScope }));
}

/** What the SDK throws for a refusal. */
export function refusal(name: string, status: number, message: string) {
  return { name, message, $metadata: { httpStatusCode: status } };
}
