import { onTestFinished } from "vitest";
import type { AwsCaller } from "../aws/caller.ts";
import { caData, type FakeApiServer, startApiServer } from "../cluster/apiServer.ts";
import { EksStandIn } from "../eks/standIn.ts";
import type { AuthenticationMode } from "../eks/state.ts";

export const account = "111122223333";

export function iam(resource: string, of = account): string {
  return `arn:aws:iam::${of}:${resource}`;
}

/** An EKS cluster "prod" with its aws-auth, and the access entries and roles of a stand-in. */
export interface MigrationWorld {
  readonly aws: EksStandIn;
  readonly api: FakeApiServer;
  /** A user with all permissions, who is not in the map. */
  readonly caller: AwsCaller;
}

/** @param data of aws-auth */
export async function migrationWorld(
  data: Record<string, string>,
  authenticationMode: AuthenticationMode = "API_AND_CONFIG_MAP",
): Promise<MigrationWorld> {
  // Roles must be older than entries, although IAM returns dates in whole seconds.
  const clock = { behind: 3_600_000 };
  const aws = await EksStandIn.start({ now: () => Date.now() - clock.behind });
  onTestFinished(() => aws.stop());
  const api = await startApiServer(data);
  const creator = aws.principals.create(iam("role/creator")).arn;
  const caller = aws.caller("jane", aws.principals.create(iam("user/jane")).arn);
  for (const resource of sampleRoles) {
    aws.principals.create(iam(resource));
  }
  clock.behind = 60_000;
  aws.addCluster({ name: "prod", endpoint: api.url, caData, authenticationMode });
  if (authenticationMode !== "CONFIG_MAP") {
    aws.addServiceEntry("prod", creator, { type: "STANDARD", policies: ["AmazonEKSClusterAdminPolicy"] });
  }
  aws.addNodegroup("prod", { nodegroupName: "workers", nodeRole: iam("role/eks/workers") });
  return { aws, api, caller };
}

const sampleRoles = ["role/eks/workers", "role/eng/dev", "role/eng/ops", "role/platform/admins", "role/ci"];

/** One entry of a map. */
export function entry(arn: string, username: string, ...groups: readonly string[]): string {
  return `- rolearn: ${arn}\n  username: "${username}"\n  groups: [${groups.join(", ")}]\n`;
}

/** One node entry of a map. */
export function nodes(role: string, username = "system:node:{{EC2PrivateDNSName}}", ...groups: string[]): string {
  return entry(iam(`role/${role}`), username, "system:bootstrappers", "system:nodes", ...groups);
}

/** A map with an example of each finding of a report. */
export const sampleMap = {
  mapRoles: [
    nodes("workers"),
    entry(iam("role/admins"), "admin", "system:masters"),
    entry(iam("role/dev"), "dev:{{SessionName}}", "viewers"),
    entry(iam("role/ops"), "ops", "operators"),
    entry(iam("role/ci"), "system:ci", "deployers"),
    entry(iam("role/eng/dev"), "dev", "system:masters"),
  ].join(""),
  mapAccounts: '- "012345678901"\n',
};

/** Creates some of the access entries of {@link sampleMap}: that of the administrators is equal, and that of "ops" differs. */
export function moveSome({ aws }: MigrationWorld): void {
  const policies = ["AmazonEKSClusterAdminPolicy"];
  aws.addServiceEntry("prod", iam("role/platform/admins"), { type: "STANDARD", username: "admin", policies });
  aws.addServiceEntry("prod", iam("role/eng/ops"), { type: "STANDARD", username: "operator", groups: ["operators"] });
}
