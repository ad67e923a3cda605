import { type DynamicFile, dynamicFile } from "../authenticator/dynamicFile.ts";
import { TokenWebhook } from "../authenticator/tokenWebhook.ts";
import { type AwsCaller, tokenFor } from "../aws/caller.ts";
import { type UserInfo, whoIs } from "../cluster/apiClient.ts";
import { AwsAuthMap, grant, writerRules } from "../cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../cluster/startCluster.ts";
import { TestProject } from "../engine/testProject.ts";
import { FaultProxy } from "../proxy/faultProxy.ts";
import { sdkVariant, type Variant } from "../variants/variant.ts";
import { EksStandIn } from "./standIn.ts";
import type { AccessEntry, AuthenticationMode } from "./state.ts";

/** The account of the cluster `prod`. */
export const account = "111122223333";

/** The ARN of a role, path included. */
export const roleOf = (name: string, of = account) => `arn:aws:iam::${of}:role/${name}`;

/**
 * The EKS cluster `prod`: a real API server behind a proxy, with the real authenticator, and a local AWS with its access entries. The
 * deployer, like the creator of a cluster, has access without an entry in the map.
 */
export interface AccessEntryCluster {
  readonly aws: EksStandIn;
  readonly cluster: TestCluster;
  readonly map: AwsAuthMap;
  readonly proxy: FaultProxy;
  readonly deployer: AwsCaller;
  /** The milliseconds by which the clock of AWS is ahead of that of the machine. */
  readonly clock: { ahead: number };
  /** Uses the map, and only the access entries that a test gives it. */
  readonly authenticator: TokenWebhook;
  /** The user that the authenticator gives a new session of a role, with the access entries that EKS has now; undefined for none. */
  loginOf(role: string): Promise<UserInfo | undefined>;
  /** Creates a project that deploys to the cluster; its stack is `organization/NAME/test`. */
  add(name: string, program: string, variant?: Variant): Promise<TestProject>;
  /** Sets `aws-auth:authenticationMode` of a project, and further settings. */
  inMode(
    project: TestProject,
    mode: AuthenticationMode | undefined,
    more?: Readonly<Record<string, string>>,
  ): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the cluster in mode `API_AND_CONFIG_MAP`, with an empty map.
 *
 * @param owner the account of the cluster.
 */
export async function startEntryCluster(
  authenticationMode: AuthenticationMode = "API_AND_CONFIG_MAP",
  owner = account,
): Promise<AccessEntryCluster> {
  const clock = { ahead: 0 };
  const aws = await EksStandIn.start({ account: owner, now: () => Date.now() + clock.ahead });
  const deployer = aws.caller("deployer", aws.principals.create(`arn:aws:iam::${owner}:user/deployer`).arn);
  const creator = { arn: deployer.arn, username: "deployer" };
  const authenticator = await TokenWebhook.start({ cluster: "prod", sts: aws.url, creator });
  const cluster = await startCluster({
    users: [{ name: "deployer" }],
    authenticationTokenWebhookConfigFile: authenticator.configFile,
  });
  await authenticator.watch(cluster.kubeconfigFile());
  await grant(cluster, "deployer", writerRules);
  const map = new AwsAuthMap(cluster);
  await map.reset({ mapRoles: "[]\n" });
  const proxy = await FaultProxy.start(cluster);
  const { caData } = cluster;
  aws.addCluster({ name: "prod", endpoint: proxy.url, caData, authenticationMode });
  const projects = new Map<TestProject, Variant>();
  let logins = 0;
  const configOf = ({ regionKey }: Variant) => ({ "aws-auth:cluster": "prod", [regionKey]: "eu-central-1" });
  return {
    aws,
    cluster,
    map,
    proxy,
    deployer,
    clock,
    authenticator,
    loginOf: async (role) => {
      await authenticator.setEntries(entriesFile(aws.entriesInForce("prod")));
      logins += 1;
      // A new session, since the API server caches the users of tokens.
      const arn = `arn:aws:sts::${owner}:assumed-role/${role}/session${logins}`;
      return whoIs(cluster, await tokenFor(aws.caller(`session${logins}`, arn), "prod"));
    },
    add: async (name, program, variant = sdkVariant) => {
      const project = await TestProject.create({
        name,
        config: configOf(variant),
        env: aws.env(deployer),
        ...variant.options,
      });
      projects.set(project, variant);
      await project.program(program);
      return project;
    },
    inMode: (project, mode, more = {}) =>
      project.configure({
        ...configOf(projects.get(project) ?? sdkVariant),
        ...(mode !== undefined && { "aws-auth:authenticationMode": mode }),
        ...more,
      }),
    stop: async () => {
      await Promise.all([...projects.keys()].map((project) => project.remove()));
      await authenticator.stop();
      proxy.stop();
      await cluster.stop();
      await aws.stop();
    },
  };
}

/** Access entries in the format of the authenticator. */
export function entriesFile(entries: readonly AccessEntry[]): DynamicFile {
  const name = ({ policyArn }: { readonly policyArn: string }) => policyArn.replace(/.*\//, "");
  return dynamicFile(entries.map((entry) => ({ ...entry, policies: entry.policies.map(name) })));
}
