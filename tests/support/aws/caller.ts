/** AWS credentials, and whose they are. */
export interface AwsCaller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** What GetCallerIdentity says; for a session of a role in the sts form. */
  readonly arn: string;
}

/** Credentials for an identity, made up from a name. */
export function callerOf(name: string, arn: string): AwsCaller {
  const accessKeyId = `AKIA${name.toUpperCase()}`;
  return { accessKeyId, secretAccessKey: `wJalrXUtnFEMI/K7MDENG/${name}`, arn };
}

/** The caller's credentials as environment variables. */
export function credentialsOf({ accessKeyId, secretAccessKey }: AwsCaller): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}
