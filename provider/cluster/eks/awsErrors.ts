import { AwsAuthError, type AwsAuthErrorCode } from "../../errors";
import { secretsInArguments, secretVariables, withoutWords } from "../../text/namedSecrets";
import { redact } from "../../text/text";
import type { EksRef } from "../clusterRef";
import { describeCause, isCertificateProblem, ProxyError } from "../network";
import { TransportError } from "../request";
import { recordedConfigHint } from "../settings";
import type { AwsIdentity } from "./awsIdentity";

/** The step that failed: getting credentials, or an action in the words of IAM. */
export type AwsStep = "credentials" | `eks:${string}` | `iam:${string}`;

/** How Node says that a command has failed. */
const commandFailed = /Command failed: ([^\n]*)/;

/** Translates an error of the AWS SDK. Distinguishes errors by the name and status that AWS documents. */
export function fromAwsError(
  step: AwsStep,
  error: unknown,
  label: string,
  ref: EksRef,
  identity: AwsIdentity,
): AwsAuthError {
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : "";
  // The command line of a credential process may have secrets, and Pulumi prints the cause of an error.
  const command = commandFailed.exec(message)?.[1];
  const said = command === undefined ? redact(message) : saidByProcess(command, message);
  const failure = (code: AwsAuthErrorCode, text: string) =>
    new AwsAuthError(code, text, command === undefined ? { cause: error } : {});
  if (notFoundNames.has(name)) {
    return failure("clusterNotFound", `${label} does not exist for ${identity.label}`);
  }
  if (deniedNames.has(name)) {
    const action = deniedAction(said) ?? (step === "credentials" ? "sts:AssumeRole" : step);
    return failure("accessDenied", `${label}: ${identity.label} may not do ${action} (${said}); allow it in IAM`);
  }
  const service = step === "credentials" ? "the source of AWS credentials" : apiOf(step, ref);
  if (isCertificateProblem(causeOf(error))) {
    return failure(
      "certificateNotTrusted",
      `${label}: ${service}: ${describeCause(causeOf(error))}; check NODE_EXTRA_CA_CERTS, and whether a proxy intercepts TLS`,
    );
  }
  if (isNetworkProblem(error)) {
    return failure(
      "clusterUnreachable",
      `${label}: ${service} cannot be reached with ${identity.label}: ${describeCause(causeOf(error))}; check the network (VPN, proxy) and the region (${recordedConfigHint})`,
    );
  }
  if (step === "credentials" || credentialNames.has(name)) {
    return failure(
      "credentials",
      `${label}: no valid AWS credentials found${identity.isDefault ? "" : ` in ${identity.label}`} (${name}: ${said}); ${identity.remedy} (${recordedConfigHint})`,
    );
  }
  const [api, action] = step.split(":");
  if (refusedNames.has(name)) {
    const code = name === "ResourceInUseException" ? "conflict" : "rejected";
    const hint = /invalid principal/i.test(said)
      ? "; the role or user has to exist, and the ARN of a role to have the role's path"
      : "";
    return failure(code, `${label}: ${api?.toUpperCase()} refuses ${action} (${said})${hint}`);
  }
  if (throttledNames.has(name)) {
    return failure(
      "clusterUnreachable",
      `${label}: ${api?.toUpperCase()} throttles ${action} (${name}: ${said}), also when it is asked again; try again later`,
    );
  }
  return failure(
    "clusterUnreachable",
    `${label}: ${api?.toUpperCase()} does not respond to ${action} (${name}: ${said}); try again later`,
  );
}

/** @param files where the profile was looked for. */
export function noProfile(files: string, label: string, { label: credentials }: AwsIdentity): AwsAuthError {
  const text = `${label}: ${credentials} is not set up in ${files}; correct its name, or add it there`;
  return new AwsAuthError("credentials", text);
}

/** The process may repeat what it was given. */
function saidByProcess(command: string, message: string): string {
  const said = message.replace(commandFailed, "the credential_process failed");
  return redact(withoutWords(said, secretsInArguments([command])), secretVariables(process.env));
}

function apiOf(step: Exclude<AwsStep, "credentials">, { region }: EksRef): string {
  return step.startsWith("iam:") ? "the IAM API" : `the EKS API in ${region}`;
}

/** The action that AWS names in a refusal: one call may need several, such as eks:TagResource to create something with tags. */
function deniedAction(said: string): string | undefined {
  return /is not authorized to perform: ([\w-]+:\w+)/.exec(said)?.[1];
}

/** The latter is of the calls about tags. */
const notFoundNames = new Set(["ResourceNotFoundException", "NotFoundException"]);

/** The names with which EKS refuses the content of a request. */
const refusedNames = new Set([
  "InvalidParameterException",
  "InvalidRequestException",
  "ResourceInUseException",
  "ResourceLimitExceededException",
]);

const throttledNames = new Set(["ThrottlingException", "Throttling", "TooManyRequestsException"]);

const deniedNames = new Set(["AccessDeniedException", "AccessDenied", "UnauthorizedException"]);

/** The codes with which AWS refuses unknown credentials, and requests that are too old or wrongly signed. */
const credentialNames = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
]);

/** Whether there was no response at all; AWS's own responses carry a status. */
function isNetworkProblem(error: unknown): boolean {
  // A file, such as that of a token, is not behind a network.
  if (!(error instanceof Error) || "path" in error) {
    return false;
  }
  return (
    error instanceof TransportError ||
    error instanceof ProxyError ||
    // A host with several addresses.
    error instanceof AggregateError ||
    ["AbortError", "TimeoutError"].includes(error.name) ||
    ("code" in error && "errno" in error) ||
    "syscall" in error
  );
}

function causeOf(error: unknown): unknown {
  return error instanceof TransportError ? error.cause : error;
}

/**
 * What an answer has.
 *
 * @throws Error if it has it not, since EKS leaves nothing out: so it says nothing of what there is.
 */
export function partOf<T>(part: T | undefined): T {
  if (part === undefined || part === null) {
    throw new Error("the answer does not have what was asked for");
  }
  return part;
}

/** Whether EKS says that it has not what a call names. */
export function isNotFound(error: unknown): error is AwsAuthError {
  return error instanceof AwsAuthError && error.code === "clusterNotFound";
}

/** The credentials are for another account than the cluster's. */
export function otherAccount(expected: string, found: string, label: string, identity: AwsIdentity): AwsAuthError {
  return new AwsAuthError(
    "clusterChanged",
    `${label} of account ${expected} cannot be reached with ${identity.label}, of account ${found}; ${remedy(expected)}`,
  );
}

/** EKS found no cluster in the account that STS reports for the credentials. */
export function notFoundIn(
  found: string,
  expected: string | undefined,
  cause: AwsAuthError,
  label: string,
  identity: AwsIdentity,
): AwsAuthError {
  if (expected === undefined) {
    return notFound(label, `${identity.label}, of account ${found}`, cause);
  }
  return found === expected
    ? new AwsAuthError(
        "clusterGone",
        `${label} of account ${expected} does not exist, according to EKS with ${identity.label}; if you mean another cluster, correct the name or the region`,
        { cause },
      )
    : otherAccount(expected, found, label, identity);
}

/** EKS found no cluster, and the account of the credentials is unknown. */
export function notFoundAnywhere(
  unsaid: unknown,
  expected: string | undefined,
  cause: AwsAuthError,
  label: string,
  identity: AwsIdentity,
): AwsAuthError {
  const reason = describeCause(causeOf(unsaid));
  const silence = `and STS does not return their account (${reason})`;
  return expected === undefined
    ? notFound(label, `${identity.label}, ${silence}`, cause)
    : new AwsAuthError(
        "credentials",
        `${label} of account ${expected} is not found with ${identity.label}, ${silence}; ${remedy(expected)}`,
        { cause: unsaid },
      );
}

function notFound(label: string, who: string, cause: AwsAuthError): AwsAuthError {
  return new AwsAuthError(
    "clusterNotFound",
    `${label} does not exist for ${who}; correct the name or the region, or set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of the cluster's account; if it is gone, remove its mappings with "pulumi state delete" (${recordedConfigHint})`,
    { cause },
  );
}

function remedy(expected: string): string {
  return `set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of account ${expected}, or, if you mean the other cluster, name it in the program or the stack (${recordedConfigHint})`;
}
