import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AccessEntryContent } from "../../../provider/accessEntries/accessEntry.ts";
import { AccessEntryApi, entryLimits } from "../../../provider/cluster/eks/accessEntryApi.ts";
import type { Settings } from "../../../provider/cluster/settings.ts";
import type { AwsCaller } from "../aws/caller.ts";
import { caData, type FakeApiServer, startApiServer } from "../cluster/apiServer.ts";
import { setEnv, settingsOf, temporaryDirectory } from "../cluster/kubeconfigs.ts";
import { EksStandIn } from "./standIn.ts";
import type { AuthenticationMode } from "./state.ts";

export const account = "111122223333";
export const devArn = `arn:aws:iam::${account}:role/eng/dev`;
export const adminPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const cluster = { kind: "eks", name: "prod", region: "eu-central-1" } as const;
export const ref = { ...cluster, profile: undefined, roleArn: undefined };

/** Short limits: a call that takes longer in a test hangs. */
export const limits = {
  ...entryLimits,
  found: { total: 10_000, first: 10, most: 50 },
  shown: { total: 5_000, first: 5, most: 20 },
  claimed: { total: 300, first: 5, most: 20 },
};

export interface EntriesWorld {
  readonly aws: EksStandIn;
  /** Initially without aws-auth. */
  readonly kubernetes: FakeApiServer;
  /** The milliseconds by which the clock of AWS is behind. */
  readonly clock: { behind: number };
  readonly api: AccessEntryApi;
  readonly settings: Settings;
  readonly deployer: AwsCaller;
}

/** A cluster "prod", the role "dev" with a path, a user with all permissions, and an environment that restricts the SDK to this AWS. */
export async function entriesWorld(
  authenticationMode: AuthenticationMode = "API_AND_CONFIG_MAP",
): Promise<EntriesWorld> {
  // Roles created before the test must be older than its entries, although IAM returns dates in whole seconds.
  const clock = { behind: 3_600_000 };
  const aws = await EksStandIn.start({ now: () => Date.now() - clock.behind });
  onTestFinished(() => aws.stop());
  const deployer = aws.caller("deployer", aws.principals.create(`arn:aws:iam::${account}:user/deployer`).arn);
  aws.principals.create(devArn);
  const kubernetes = await startApiServer(undefined);
  aws.addCluster({ name: "prod", endpoint: kubernetes.url, caData, authenticationMode });
  clock.behind = 60_000;
  const nothing = join(await temporaryDirectory(), "nothing");
  const files = { AWS_CONFIG_FILE: nothing, AWS_SHARED_CREDENTIALS_FILE: nothing, AWS_PROFILE: undefined };
  setEnv({ ...aws.env(deployer), ...files });
  const settings = settingsOf({ env: aws.env(deployer) });
  return { aws, kubernetes, clock, settings, deployer, api: new AccessEntryApi(ref, settings, undefined, limits) };
}

/** Creates this many roles in different paths, each with an entry of the user `name`. */
export async function addEntries({ aws, api }: EntriesWorld, count: number): Promise<string[]> {
  const arns = Array.from({ length: count }, (_, index) => `arn:aws:iam::${account}:role/team/r${index}`);
  await Promise.all(
    arns.map((arn) => {
      aws.principals.create(arn);
      return api.create(declaredEntry({ principalArn: arn, username: arn.split("/").at(-1) }), {});
    }),
  );
  aws.forgetCalls();
  return arns;
}

/** The content of the access entry that a resource declares for the role "dev". */
export function declaredEntry(content: Partial<AccessEntryContent> = {}): AccessEntryContent {
  return { principalArn: devArn, type: "STANDARD", username: "dev", groups: ["viewers"], policies: [], ...content };
}
