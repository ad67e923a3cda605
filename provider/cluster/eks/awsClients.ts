import { EKS } from "@aws-sdk/client-eks";
import type { IAM } from "@aws-sdk/client-iam";
import { fromIni, fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import {
  loadConfig,
  loadSharedConfigFiles,
  NODE_REGION_CONFIG_FILE_OPTIONS,
  NODE_REGION_CONFIG_OPTIONS,
} from "@smithy/core/config";
import { fieldsOf, textOf } from "../../text/fields";
import { quoted } from "../../text/text";
import { agentFor, assertVerified, openLimit } from "../agent";
import type { EksRef } from "../clusterRef";
import { defaultLimits } from "../http";
import { assumedRole, fromEnv, lookUp, type Settings } from "../settings";

export interface AwsIdentity {
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
  /** For messages, for example `AWS profile "prod" (aws-auth:profile)`. */
  readonly label: string;
  /** The remedy if the credentials do not work, as the end of a sentence. */
  readonly remedy: string;
}

/** The files that lack the named profile; undefined if they have it, or if none is named. */
export async function missingProfile({ profile }: AwsIdentity): Promise<string | undefined> {
  const { AWS_PROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const name = profile ?? AWS_PROFILE;
  if (!name) {
    return undefined;
  }
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const files = [AWS_CONFIG_FILE || "~/.aws/config", AWS_SHARED_CREDENTIALS_FILE || "~/.aws/credentials"];
  return name in configFile || name in credentialsFile ? undefined : files.join(" or ");
}

/** Finds the AWS credentials for a cluster: the environment, the resource, the stack configuration, then the SDK's default chain. */
export function awsIdentityFor(ref: Pick<EksRef, "profile" | "roleArn">, settings: Settings): AwsIdentity {
  const profile = lookUp("profile", ref.profile, settings);
  // A profile of the resource itself is not the one from which @pulumi/aws assumes its role.
  const roleOfAws = () => (ref.profile === undefined ? assumedRole(settings) : undefined);
  const role = lookUp("roleArn", ref.roleArn, settings) ?? roleOfAws();
  const named = profile ?? fromEnv(settings, "AWS_PROFILE");
  const base =
    named === undefined ? "the default AWS credentials" : `AWS profile ${quoted(named.value)} (${named.source})`;
  const login = named === undefined ? "aws sso login" : `aws sso login --profile ${named.value}`;
  return {
    profile: profile?.value,
    roleArn: role?.value,
    label: role === undefined ? base : `role ${quoted(role.value)} (${role.source}) assumed from ${base}`,
    remedy: `renew the credentials, for example with "${login}", or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN`,
  };
}

/** How often the SDK sends a throttled call, with pauses of up to 20 seconds. */
const sdkAttempts = 8;

/** How many calls of EKS, and of IAM, run concurrently, so that a run does not exhaust the account's rate limits. */
const [maxSockets, maxIamSockets] = [8, 16];

export interface AwsClients {
  readonly eks: EKS;
  /** Loads the client of IAM, which most programs do not need. */
  readonly iam: () => Promise<IAM>;
  readonly config: Pick<EKS["config"], "credentials" | "requestHandler"> & {
    readonly region: string;
    readonly maxAttempts: number;
  };
  /** The error of the last failed attempt, so that throttling is not reported as a network problem. */
  lastFailure?: unknown;
  /** How much the clock of AWS is at least ahead of the monotonic clock of this machine, in milliseconds, by the last answer. */
  clock?: number | undefined;
}

/** By settings, or by the stack of several settings, and by credentials. */
const clients = new WeakMap<Settings | Settings["config"], Map<string, Promise<AwsClients>>>();

/**
 * Shared by all clusters of a run, so that connections are reused and a role is assumed once. Clusters with settings of their own in one
 * stack share only the credentials and the client of IAM. The SDK reads AWS_ENDPOINT_URL_EKS.
 */
export function awsClientsFor(ref: EksRef, identity: AwsIdentity, settings: Settings): Promise<AwsClients> {
  const key = JSON.stringify([ref.region, identity.profile, identity.roleArn]);
  const [ofRun, ofStack] = [clientsOf(settings), clientsOf(settings.config)];
  const known = ofRun.get(key) ?? makeClients(ref, identity, settings, ofStack.get(key));
  ofRun.set(key, known);
  ofStack.set(key, ofStack.get(key) ?? known);
  return known;
}

function clientsOf(owner: Settings | Settings["config"]): Map<string, Promise<AwsClients>> {
  const found = clients.get(owner) ?? new Map<string, Promise<AwsClients>>();
  clients.set(owner, found);
  return found;
}

async function makeClients(
  { region }: EksRef,
  identity: AwsIdentity,
  settings: Settings,
  sharing: Promise<AwsClients> | undefined,
): Promise<AwsClients> {
  const shared = await sharing;
  assertVerified("AWS_CONTAINER_CREDENTIALS_FULL_URI", process.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"]);
  const handlerOf = async (sockets: number) => ({
    httpsAgent: await agentFor({ maxSockets: sockets }, settings.env),
    // For endpoints of tests and emulators such as LocalStack.
    httpAgent: { keepAlive: true, maxSockets: sockets },
    connectionTimeout: openLimit,
  });
  const handler = await handlerOf(maxSockets);
  // A request for credentials cannot be aborted, and without a timeout it would keep the process alive.
  const clientConfig = { requestHandler: { ...handler, socketTimeout: defaultLimits.read } };
  // With a profile, the default chain would warn about AWS_ACCESS_KEY_ID.
  const base =
    identity.profile === undefined
      ? fromNodeProviderChain({ clientConfig })
      : fromIni({ profile: identity.profile, clientConfig });
  const params = { RoleArn: identity.roleArn ?? "", RoleSessionName: "pulumi-aws-auth" };
  const credentials =
    identity.roleArn === undefined ? base : fromTemporaryCredentials({ masterCredentials: base, params, clientConfig });
  const config = { region, maxAttempts: sdkAttempts };
  const eks = new EKS({ ...config, credentials: shared?.config.credentials ?? credentials, requestHandler: handler });
  const { credentials: resolved } = eks.config;
  let iam: Promise<IAM> | undefined;
  const openIam = async () => {
    const { IAM } = await import("@aws-sdk/client-iam");
    return new IAM({ ...config, credentials: resolved, requestHandler: await handlerOf(maxIamSockets) });
  };
  const made: AwsClients = {
    eks,
    iam: () => {
      iam ??= shared?.iam() ?? openIam();
      return iam;
    },
    config: { ...config, credentials: resolved, requestHandler: eks.config.requestHandler },
  };
  // Low priority: runs once per attempt, not once per call.
  eks.middlewareStack.add(
    (next) => async (call) => {
      try {
        const answer = await next(call);
        const time = Date.parse(textOf(fieldsOf(fieldsOf(answer.response)["headers"])["date"]));
        made.clock = time > 0 ? time - performance.now() : made.clock;
        return answer;
      } catch (error) {
        made.lastFailure = error;
        throw error;
      }
    },
    { step: "finalizeRequest", priority: "low" },
  );
  return made;
}

/** The region of a profile, by default of that in AWS_PROFILE; undefined if the shared configuration files have none. */
export async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  // The environment is read elsewhere. Without a default, the SDK would query the EC2 instance, whose region may differ from the region of the cluster.
  const options = { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined, default: "" };
  const region = await loadConfig(options, {
    ...NODE_REGION_CONFIG_FILE_OPTIONS,
    ...(profile !== undefined && { profile }),
  })();
  return region || undefined;
}
