import type { EKSClientConfig } from "@aws-sdk/client-eks";
import { quoted } from "../../text/text";
import type { EksRef } from "../clusterRef";
import { endpointInEnv, fromEnv, lookUp, type Settings } from "../settings";

/** Which AWS credentials are used. */
export interface AwsIdentity {
  /** The profile, if a setting names one. Otherwise the SDK's default chain decides, which includes AWS_PROFILE. */
  readonly profile: string | undefined;
  /** The role to assume with them. */
  readonly roleArn: string | undefined;
  /** The name for messages, for example `role "arn:..." assumed from AWS profile "prod" (aws-auth:profile)`. */
  readonly label: string;
  /** Whether the SDK finds the credentials by itself, from a source that is not known. */
  readonly isDefault: boolean;
  /** How to get new credentials, as the end of a sentence. */
  readonly remedy: string;
}

/** Finds the AWS credentials for a cluster in the environment, the resource, the stack's configuration or the default chain. */
export function awsIdentityFor(ref: Pick<EksRef, "profile" | "roleArn">, settings: Settings): AwsIdentity {
  const profile = lookUp("profile", ref.profile, settings);
  const role = lookUp("roleArn", ref.roleArn, settings);
  const ambient = fromEnv(settings, "AWS_PROFILE");
  const named = profile ?? ambient;
  const base =
    named === undefined ? defaultChainLabel(settings) : `AWS profile ${quoted(named.value)} (${named.source})`;
  const login = named === undefined ? "aws sso login" : `aws sso login --profile ${named.value}`;
  return {
    profile: profile?.value,
    roleArn: role?.value,
    isDefault: role === undefined && base === anyCredentials,
    label: role === undefined ? base : `role ${quoted(role.value)} (${role.source}) assumed from ${base}`,
    remedy: `renew them, for example with "${login}", or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN`,
  };
}

/** The files in which a named profile has no settings; undefined if it has some, or if none is named. */
export async function missingProfile({ profile }: AwsIdentity): Promise<string | undefined> {
  const { AWS_PROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const name = profile ?? AWS_PROFILE;
  if (!name) {
    return undefined;
  }
  const { loadSharedConfigFiles } = await import("@smithy/core/config");
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const files = [AWS_CONFIG_FILE || "~/.aws/config", AWS_SHARED_CREDENTIALS_FILE || "~/.aws/credentials"];
  return name in configFile || name in credentialsFile ? undefined : files.join(" or ");
}

const anyCredentials = "the default AWS credentials";

/** The first available source of the SDK's default chain. */
function defaultChainLabel(settings: Settings): string {
  const found = fromEnv(
    settings,
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  );
  return found === undefined ? anyCredentials : `the AWS credentials of ${found.source}`;
}

/**
 * Where EKS is, and whoever gives credentials, if they are of a profile that a setting names: the SDK asks at the endpoint_url of the
 * profile in AWS_PROFILE, else of the default one, which may be an emulator's. It knows nothing of the cluster, and no token is meant for it.
 */
export function endpointsOf(
  { profile }: AwsIdentity,
  settings: Settings,
): { readonly eks: EKSClientConfig; readonly signIn: Pick<EKSClientConfig, "ignoreConfiguredEndpointUrls"> } {
  const { env } = process;
  if (profile === undefined || profile === (env["AWS_PROFILE"] || "default")) {
    return { eks: {}, signIn: {} };
  }
  const none = { ignoreConfiguredEndpointUrls: true };
  const endpoint = endpointInEnv({ ...settings, env }, "EKS");
  // Which of those in the environment is whose, the SDK knows. Those of other services, such as S3, are of nobody who gives credentials.
  const ofSignIn = /^AWS_ENDPOINT_URL(?:_STS|_SSO|_SSO_OIDC|_SIGNIN)?$/;
  const isInEnv = Object.entries(env).some(([name, url]) => ofSignIn.test(name) && url);
  return { eks: { ...none, ...(endpoint !== undefined && { endpoint }) }, signIn: isInEnv ? {} : none };
}

/**
 * The region in the shared AWS configuration files, by the SDK's rules; undefined if they have none. The SDK itself takes that of the
 * machine then, if it is one of EC2: it knows nothing of the cluster. Nor does it read the files where AWS_REGION is empty.
 *
 * @param profile the profile to read; undefined: the one in AWS_PROFILE, else `default`
 */
export async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  const [{ EKSClient }, { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS }] =
    await Promise.all([import("@aws-sdk/client-eks"), import("@smithy/core/config")]);
  const region = loadConfig(
    { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined, default: "" },
    { ...NODE_REGION_CONFIG_FILE_OPTIONS, ...(profile !== undefined && { profile }) },
  );
  const client = new EKSClient({ region });
  try {
    return await client.config.region();
  } catch {
    // The SDK throws a plain error without a code for a region that is none, such as an empty one.
    return undefined;
  } finally {
    client.destroy();
  }
}
