import { AwsAuthError, type AwsAuthErrorCode } from "../../errors";
import { quoted, redact } from "../../text/text";
import { type EksRef, reachByKubeconfig } from "../clusterRef";
import { describeCause, isCertificateProblem } from "../http";
import { recordedConfigHint } from "../settings";
import type { AwsIdentity } from "./awsClients";

/** The step that failed: resolving the credentials, or an action in the notation of IAM. */
export type AwsStep = "credentials" | `eks:${string}` | `iam:${string}` | `sts:${string}`;

const errorKinds: readonly (readonly [
  kind: "notFound" | "denied" | "credentials" | "conflict" | "rejected",
  names: RegExp,
])[] = [
  ["notFound", /^(?:ResourceNotFoundException|NotFoundException|NoSuchEntity(?:Exception)?)$/],
  ["denied", /^(?:AccessDenied(?:Exception)?|UnauthorizedException)$/],
  [
    "credentials",
    /^(?:CredentialsProviderError|TokenProviderError|UnrecognizedClientException|InvalidClientTokenId|ExpiredToken(?:Exception)?|RequestExpired|InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken(?:Exception)?)$/,
  ],
  ["conflict", /^ResourceInUseException$/],
  ["rejected", /^(?:InvalidParameterException|InvalidRequestException|ResourceLimitExceededException)$/],
];

export function eksLabel({ name, region }: EksRef): string {
  return `EKS cluster ${quoted(name)} (${region})`;
}

export function fromAwsError(step: AwsStep, error: unknown, ref: EksRef, identity: AwsIdentity): AwsAuthError {
  const [name, message] = error instanceof Error ? [error.name, error.message] : ["", String(error)];
  const kind = errorKinds.find(([, names]) => names.test(name))?.[0];
  // The command line of a credential process may contain secrets.
  const said = /Command failed/.test(message) ? "the credential_process failed" : redact(message);
  // The error is not kept as the cause either, since Pulumi prints it.
  const failure = (code: AwsAuthErrorCode, text: string) => new AwsAuthError(code, `${eksLabel(ref)}: ${text}`);
  if (kind === "notFound") {
    const code = step === "eks:DescribeCluster" ? "clusterNotFound" : "notFound";
    return failure(code, `AWS returned "not found" for ${step} with ${identity.label}`);
  }
  if (kind === "denied") {
    // One call may need several actions: creating something with tags also needs eks:TagResource.
    const action =
      /is not authorized to perform: ([\w-]+:\w+)/.exec(said)?.[1] ??
      (step === "credentials" ? "sts:AssumeRole" : step);
    return failure("accessDenied", `${identity.label} cannot perform ${action} (${said}); allow it in IAM`);
  }
  if (kind === "conflict" || kind === "rejected") {
    const hint = /invalid principal/i.test(said)
      ? "; check that the role or user exists, and that the ARN of a role includes its path"
      : "";
    return failure(kind, `AWS refuses ${step} (${said})${hint}`);
  }
  const what = step === "credentials" ? "the source of AWS credentials" : `AWS in ${ref.region}`;
  if (isCertificateProblem(error)) {
    return failure(
      "certificateNotTrusted",
      `${what}: ${describeCause(error)}; check NODE_EXTRA_CA_CERTS, and whether a proxy intercepts TLS`,
    );
  }
  if (kind === undefined && isWithoutAnswer(error)) {
    const purpose = step === "credentials" ? "" : ` for ${step}`;
    return failure(
      "clusterUnreachable",
      `${what} cannot be reached with ${identity.label}${purpose}: ${describeCause(error)}; check the network (VPN, proxy) and the region (${recordedConfigHint})`,
    );
  }
  if (kind === "credentials" || step === "credentials") {
    return failure("credentials", `cannot use ${identity.label} (${said}); ${identity.remedy} (${recordedConfigHint})`);
  }
  return failure("clusterUnreachable", `AWS returned an error for ${step} (${name}: ${said}); try again later`);
}

export function noProfile(files: string, ref: EksRef, identity: AwsIdentity): AwsAuthError {
  const fault = `${identity.label} is not defined in ${files}`;
  return new AwsAuthError("credentials", `${eksLabel(ref)}: ${fault}; correct the name, or add the profile`);
}

/** Whether there was no response at all. An error of a file, such as a token file, is not a network error. */
function isWithoutAnswer(error: unknown): boolean {
  const isOfNetwork = error instanceof AggregateError || (error instanceof Error && "syscall" in error);
  return (isOfNetwork && !("path" in error)) || (error instanceof Error && /^(?:Abort|Timeout)Error$/.test(error.name));
}

/** Whether the SDK retries after an error, such as throttling or a refused connection, until the time limit aborts it. */
export function isPassingFailure(error: unknown): boolean {
  const isAnswer = error instanceof Error && "$metadata" in error;
  return isAnswer ? !errorKinds.some(([, names]) => names.test(error.name)) : isWithoutAnswer(error);
}

/** Returns a part of a response. @throws Error if it is missing, since an incomplete response must not be treated as absence. */
export function required<T>(part: T | undefined): T {
  if (part === undefined || part === null) {
    throw new Error("the response is incomplete");
  }
  return part;
}

export function otherAccount(expected: string, found: string, ref: EksRef, identity: AwsIdentity): AwsAuthError {
  return new AwsAuthError(
    "clusterChanged",
    `${eksLabel(ref)} is in account ${expected}, not in account ${found} of ${identity.label}; set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials for account ${expected} (${recordedConfigHint})`,
  );
}

/** EKS describes a different cluster of this name than the kubeconfig or the state. */
export function otherAuthority(than: "kubeconfig" | "state", ref: EksRef, identity: AwsIdentity): AwsAuthError {
  const credentials = `set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials for the cluster's account (${recordedConfigHint})`;
  const [other, remedy] =
    than === "kubeconfig"
      ? ["the kubeconfig", `run "aws eks update-kubeconfig" again, or ${credentials}`]
      : ["the cluster of this mapping", `${credentials}, or ${reachByKubeconfig}`];
  return new AwsAuthError(
    "clusterChanged",
    `${eksLabel(ref)}, read with ${identity.label}, has a different certificate authority than ${other}; ${remedy}`,
  );
}

/** EKS found no cluster in the account of the credentials. */
export function clusterMissing(found: string, expected: string | undefined, ref: EksRef, identity: AwsIdentity) {
  if (expected === undefined) {
    return new AwsAuthError(
      "clusterNotFound",
      `${eksLabel(ref)} does not exist in account ${found} of ${identity.label}; correct the name or the region, or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN (${recordedConfigHint})`,
    );
  }
  return found === expected
    ? new AwsAuthError("clusterGone", `${eksLabel(ref)} of account ${expected} no longer exists, according to EKS`)
    : otherAccount(expected, found, ref, identity);
}
