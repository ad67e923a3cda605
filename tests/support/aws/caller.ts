import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EKS } from "@aws-sdk/client-eks";
import { eksToken } from "../../../provider/cluster/eks/eksConnection.ts";

/** AWS credentials and the ARN of their identity. */
export interface AwsCaller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The ARN that GetCallerIdentity returns; of the sts form for a role session. */
  readonly arn: string;
}

/** Creates credentials for an identity; the access key is derived from the name. */
export function callerOf(name: string, arn: string): AwsCaller {
  const accessKeyId = `AKIA${name.toUpperCase()}`;
  return { accessKeyId, secretAccessKey: `wJalrXUtnFEMI/K7MDENG/${name}`, arn };
}

/** The caller's credentials as environment variables. */
export function credentialsOf({ accessKeyId, secretAccessKey }: AwsCaller): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

/** A bearer token for a cluster, created by the package's own code. Two tokens of one second are identical. */
export async function tokenFor(caller: AwsCaller, cluster: string): Promise<string> {
  const region = "eu-central-1";
  const eks = new EKS({ region, credentials: caller });
  try {
    return await eksToken({ eks, config: { ...eks.config, region, maxAttempts: 1 } }, cluster);
  } finally {
    eks.destroy();
  }
}

/** A shared credentials file, and an environment that restricts the AWS SDK to it. */
export interface AwsProfiles {
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** Writes a profile for each caller, by name. */
export function writeProfiles(callers: Readonly<Record<string, AwsCaller>>): AwsProfiles {
  const directory = mkdtempSync(join(tmpdir(), "profiles-"));
  const file = join(directory, "credentials");
  const sections = Object.entries(callers).map(
    ([name, { accessKeyId, secretAccessKey }]) =>
      `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  writeFileSync(file, sections.join(""), { mode: 0o600 });
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_CONFIG_FILE: join(directory, "none"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return { env, remove: () => rmSync(directory, { recursive: true }) };
}
