import { onTestFinished } from "vitest";
import { type FakeApiServer, startApiServer } from "../../unit/cluster/apiServer.ts";
import type { AwsCaller } from "../aws/caller.ts";
import { EksStandIn } from "../eks/standIn.ts";
import type { AuthenticationMode } from "../eks/state.ts";

export const account = "111122223333";

/** The ARN of something in IAM. */
export function iam(resource: string, of = account): string {
  return `arn:aws:iam::${of}:${resource}`;
}

/** An EKS cluster "prod" with its aws-auth, and the access entries and roles of a stand-in. */
export interface MigrationWorld {
  readonly aws: EksStandIn;
  readonly api: FakeApiServer;
  /** A user who may do everything, and is not in the map. */
  readonly caller: AwsCaller;
  /** How many milliseconds AWS is behind. */
  readonly clock: { behind: number };
}

/** @param data of aws-auth */
export async function migrationWorld(
  data: Record<string, string>,
  authenticationMode: AuthenticationMode = "API_AND_CONFIG_MAP",
): Promise<MigrationWorld> {
  // Roles are older than entries, although IAM tells dates in whole seconds.
  const clock = { behind: 3_600_000 };
  const aws = await EksStandIn.start({ now: () => Date.now() - clock.behind });
  onTestFinished(() => aws.stop());
  const api = await startApiServer(data);
  const creator = aws.principals.create(iam("role/creator")).arn;
  const caller = aws.caller("jane", aws.principals.create(iam("user/jane")).arn);
  aws.addCluster({ name: "prod", endpoint: api.url, authenticationMode: "CONFIG_MAP", creator });
  for (const arn of sampleRoles) {
    aws.principals.create(arn);
  }
  aws.addNodegroup("prod", { nodegroupName: "workers", nodeRole: iam("role/eks/workers") });
  clock.behind = 60_000;
  if (authenticationMode !== "CONFIG_MAP") {
    Object.assign(aws.cluster("prod"), { mode: "API_AND_CONFIG_MAP" });
    aws.addFargateProfile("prod", { fargateProfileName: "batch", podExecutionRoleArn: iam("role/pods") });
    Object.assign(aws.cluster("prod"), { mode: authenticationMode });
  }
  return { aws, api, caller, clock };
}

const sampleRoles = [
  "role/eks/workers",
  "role/pods",
  "role/self-managed",
  "role/eng/dev",
  "role/eng/ops",
  "role/admins",
  "role/ci",
  "role/AWSReservedSSO_Viewer_0123456789abcdef",
].map((resource) => iam(resource));

const nodes = (role: string, username: string, ...more: string[]) =>
  `- rolearn: ${iam(`role/${role}`)}\n  username: "${username}"\n  groups: [${["system:bootstrappers", "system:nodes", ...more].join(", ")}]\n`;

/** One entry of a map. */
export function entry(arn: string, username: string, ...groups: readonly string[]): string {
  return `- rolearn: ${arn}\n  username: "${username}"\n  groups: [${groups.join(", ")}]\n`;
}

/** A map with most of what there is to tell. */
export const sampleMap = {
  mapRoles: [
    nodes("workers", "system:node:{{EC2PrivateDNSName}}"),
    nodes("pods", "system:node:{{SessionName}}", "system:node-proxier"),
    nodes("self-managed", "system:node:{{EC2PrivateDNSName}}"),
    entry(iam("role/dev"), "dev:{{SessionName}}", "viewers"),
    entry(iam("role/ops"), "ops", "operators"),
    entry(iam("role/admins"), "admin", "system:masters"),
    entry(iam("role/ci"), "system:ci", "deployers"),
    entry(iam("role/deploy", "444455556666"), "deploy", "deployers"),
    entry(iam("role/eng/dev"), "dev", "system:masters"),
  ].join(""),
  mapAccounts: '- "012345678901"\n',
};
