import type { EKSClient } from "@aws-sdk/client-eks";
import { agentFor } from "../network/agent";
import type { EksRef } from "../ref/clusterRef";
import type { Settings } from "../settings";
import type { AwsIdentity } from "./awsIdentity";

/** How long a connection to AWS may take to stand, in milliseconds. */
const connectionTimeout = 5_000;

/**
 * The client for a region and an identity: one for all clusters, so that connections are kept and a role is assumed once.
 */
export function eksClientFor(ref: EksRef, identity: AwsIdentity, settings: Settings): Promise<EKSClient> {
  const ofRun = clients.get(settings) ?? new Map<string, Promise<EKSClient>>();
  clients.set(settings, ofRun);
  const key = JSON.stringify([ref.region, identity.profile, identity.roleArn]);
  const client = ofRun.get(key) ?? makeClient(ref, identity, settings);
  ofRun.set(key, client);
  return client;
}

const clients = new WeakMap<Settings, Map<string, Promise<EKSClient>>>();

/**
 * A client of the EKS API. `AWS_ENDPOINT_URL_EKS`, retries and the rest are the SDK's own; what it does not do, unlike eksctl and
 * the AWS CLI, is to use the environment's proxy, so that is added.
 */
async function makeClient(ref: EksRef, identity: AwsIdentity, settings: Settings): Promise<EKSClient> {
  const [{ EKSClient }, { fromIni, fromNodeProviderChain, fromTemporaryCredentials }] = await Promise.all([
    import("@aws-sdk/client-eks"),
    import("@aws-sdk/credential-providers"),
  ]);
  const { region } = ref;
  const anyAwsUrl = new URL(`https://eks.${region}.amazonaws.com`);
  const httpsAgent = await agentFor(anyAwsUrl, { rejectUnauthorized: true }, undefined, settings.env);
  const requestHandler = { httpsAgent, connectionTimeout };
  const clientConfig = { region, requestHandler };
  // The default chain would warn of AWS_ACCESS_KEY_ID beside a profile, which is no fault when the profile is asked for.
  const base =
    identity.profile === undefined
      ? fromNodeProviderChain({ clientConfig })
      : fromIni({ profile: identity.profile, clientConfig });
  const credentials =
    identity.roleArn === undefined
      ? base
      : fromTemporaryCredentials({
          masterCredentials: base,
          params: { RoleArn: identity.roleArn, RoleSessionName: "pulumi-aws-auth" },
          clientConfig,
        });
  return new EKSClient({ region, credentials, requestHandler });
}
