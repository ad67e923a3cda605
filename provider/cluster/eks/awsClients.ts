import { EKS } from "@aws-sdk/client-eks";
import { fromIni, fromNodeProviderChain, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from "@smithy/core/config";
import { agentFor } from "../agent";
import type { EksRef } from "../clusterRef";
import { defaultLimits } from "../http";
import type { Settings } from "../settings";
import type { AwsIdentity } from "./awsIdentity";

/** How often the SDK sends a call that AWS throttles, with pauses that grow to 20 seconds. */
const maxAttempts = 8;

/** How many calls of AWS run at once, so that a run does not use up the account's rate limit. */
const maxSockets = 8;

/** What the clients of one region and one identity have in common, so that connections are reused and a role is assumed only once. */
export interface AwsClients {
  readonly eks: EKS;
  /** Credentials as the SDK's clients take them. */
  readonly config: Pick<EKS["config"], "credentials" | "requestHandler"> & {
    readonly region: string;
    readonly maxAttempts: number;
  };
  /** What AWS answered last to a try that failed. A call that it throttles until the time limit should not look like a fault of the network. */
  lastFailure?: unknown;
}

const clients = new WeakMap<Settings, Map<string, Promise<AwsClients>>>();

/** The clients for a region and an identity, which all clusters of a run share. The SDK reads AWS_ENDPOINT_URL_EKS and the like. */
export function awsClientsFor(ref: EksRef, identity: AwsIdentity, settings: Settings): Promise<AwsClients> {
  const ofRun = clients.get(settings) ?? new Map<string, Promise<AwsClients>>();
  clients.set(settings, ofRun);
  const key = JSON.stringify([ref.region, identity.profile, identity.roleArn]);
  const known = ofRun.get(key) ?? makeClients(ref, identity, settings);
  ofRun.set(key, known);
  return known;
}

async function makeClients({ region }: EksRef, identity: AwsIdentity, settings: Settings): Promise<AwsClients> {
  const handler = {
    httpsAgent: await agentFor({ rejectUnauthorized: true, maxSockets }, settings.env),
    // For endpoints of tests and of stand-ins such as LocalStack.
    httpAgent: { keepAlive: true, maxSockets },
    connectionTimeout: 5_000,
  };
  // Nothing can end a request for credentials, and one without an answer would keep the process of a program from its end.
  const clientConfig = { requestHandler: { ...handler, socketTimeout: defaultLimits.read } };
  // With a profile, the default chain would warn about AWS_ACCESS_KEY_ID.
  const base =
    identity.profile === undefined
      ? fromNodeProviderChain({ clientConfig })
      : fromIni({ profile: identity.profile, clientConfig });
  const params = { RoleArn: identity.roleArn ?? "", RoleSessionName: "pulumi-aws-auth" };
  const credentials =
    identity.roleArn === undefined ? base : fromTemporaryCredentials({ masterCredentials: base, params, clientConfig });
  const eks = new EKS({ region, credentials, requestHandler: handler, maxAttempts });
  const made: AwsClients = {
    eks,
    config: { region, maxAttempts, credentials: eks.config.credentials, requestHandler: eks.config.requestHandler },
  };
  // Low: within each try, not around all of them.
  eks.middlewareStack.add(
    (next) => (call) =>
      next(call).catch((error: unknown) => {
        made.lastFailure = error;
        throw error;
      }),
    { step: "finalizeRequest", priority: "low" },
  );
  return made;
}

/**
 * The region of a profile in the shared AWS configuration files; undefined if they have none.
 *
 * @param profile undefined: the one in AWS_PROFILE, else `default`.
 */
export async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  // The environment is looked up elsewhere. Without a default, the SDK would ask the EC2 machine, which knows nothing of the cluster.
  const options = { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined, default: "" };
  const region = await loadConfig(options, {
    ...NODE_REGION_CONFIG_FILE_OPTIONS,
    ...(profile !== undefined && { profile }),
  })();
  return region || undefined;
}
