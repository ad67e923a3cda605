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

/** Finds the AWS credentials for a cluster: the environment, the resource, the stack's configuration, else the SDK's default chain. */
export function awsIdentityFor(ref: Pick<EksRef, "profile" | "roleArn">, settings: Settings): AwsIdentity {
  const profile = lookUp("profile", ref.profile, settings);
  const role = lookUp("roleArn", ref.roleArn, settings);
  const named = profile ?? fromEnv(settings, "AWS_PROFILE");
  const base = named === undefined ? "the default AWS credentials" : `AWS profile ${quoted(named.value)} (${named.source})`;
  const login = named === undefined ? "aws sso login" : `aws sso login --profile ${named.value}`;
  return {
    profile: profile?.value,
    roleArn: role?.value,
    label: role === undefined ? base : `role ${quoted(role.value)} (${role.source}) assumed from ${base}`,
    remedy: `renew them, for example with "${login}", or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN`,
  };
}
