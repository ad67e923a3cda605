import { quoted } from "../../text/text";
import type { EksRef } from "../clusterRef";
import { fromEnv, lookUp, type Settings } from "../settings";

/** Which AWS credentials to use, and how to name them. */
export interface AwsIdentity {
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
  /** For messages, for example `AWS profile "prod" (aws-auth:profile)`. */
  readonly label: string;
  /** What to do if the credentials do not work, as the end of a sentence. */
  readonly remedy: string;
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

/** Finds the AWS credentials for a cluster: the environment, the resource, the stack's configuration, else the SDK's default chain. */
export function awsIdentityFor(ref: Pick<EksRef, "profile" | "roleArn">, settings: Settings): AwsIdentity {
  const profile = lookUp("profile", ref.profile, settings);
  const role = lookUp("roleArn", ref.roleArn, settings);
  const named = profile ?? fromEnv(settings, "AWS_PROFILE");
  const base =
    named === undefined ? "the default AWS credentials" : `AWS profile ${quoted(named.value)} (${named.source})`;
  const login = named === undefined ? "aws sso login" : `aws sso login --profile ${named.value}`;
  return {
    profile: profile?.value,
    roleArn: role?.value,
    label: role === undefined ? base : `role ${quoted(role.value)} (${role.source}) assumed from ${base}`,
    remedy: `renew them, for example with "${login}", or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN`,
  };
}
