import { layOut } from "./layout";
import { printableLines } from "./text";

/**
 * The kind of error that an {@link AwsAuthError} reports. Code branches on these, never on a message's text.
 *
 * - `invalidInput`: an input that no cluster could accept
 * - `duplicateArn`: another entry or another resource already maps the principal
 * - `claimed`: others want the entry as it is, or have taken it over
 * - `changedOutside`: a delete finds that somebody changed the entry
 * - `unreadableKey`: a key of the ConfigMap is not valid YAML, or not a list; it is never written over
 * - `unsupportedEntry`: an entry is laid out in a way that cannot be edited with certainty, so nothing was changed
 * - `clusterNotNamed`: neither the resource nor the stack's configuration names a cluster
 * - `clusterNotFound`: EKS has no cluster of that name in that region for the credentials used, whose account may be another one than
 *   the cluster's
 * - `clusterGone`: EKS says so to credentials of the very account that the cluster is in
 * - `clusterChanged`: the kubeconfig now leads to another API server than the one the mapping was made on, or the AWS credentials to
 *   another account than the cluster's
 * - `clusterUnreachable`: no response from the API server, EKS or the file system within the limit
 * - `accessDenied`: the identity used may not read or write kube-system/aws-auth, or may not look the cluster up
 * - `rejected`: the API server, or a webhook in front of it, refuses this very change
 * - `invalidKubeconfig`: the kubeconfig, or the context in it, cannot be used
 * - `missingPackage`: an optional package that this user's kubeconfig needs is not installed
 * - `credentials`: no AWS credentials, or expired ones
 * - `notConfigMap`: a manifest file that does not hold the ConfigMap kube-system/aws-auth
 * - `configMapIgnored`: the cluster's authentication mode is API, so that aws-auth has no effect
 * - `conflict`: somebody else wrote between the read and the write
 * - `lockout`: the change would take the last mapping to system:masters or system:nodes, or the caller's own, and
 *   `aws-auth:lockoutProtection` is `error`
 * - `tooLarge`: the write would pass the 1 MiB that a ConfigMap may hold
 */
export type AwsAuthErrorCode =
  | "invalidInput"
  | "duplicateArn"
  | "claimed"
  | "changedOutside"
  | "unreadableKey"
  | "unsupportedEntry"
  | "clusterNotNamed"
  | "clusterNotFound"
  | "clusterGone"
  | "clusterChanged"
  | "clusterUnreachable"
  | "accessDenied"
  | "rejected"
  | "invalidKubeconfig"
  | "missingPackage"
  | "credentials"
  | "notConfigMap"
  | "configMapIgnored"
  | "conflict"
  | "lockout"
  | "tooLarge";

/**
 * Every error that this package reports: a code to branch on, and a message that a user can act on, its contents between
 * semicolons. What stands in it of a map, a file or a server cannot write to a terminal more than its own text.
 */
export class AwsAuthError extends Error {
  override readonly name = "AwsAuthError";
  /** The kind of error. */
  readonly code: AwsAuthErrorCode;

  constructor(code: AwsAuthErrorCode, message: string, options?: ErrorOptions) {
    super(printableLines(message), options);
    this.code = code;
  }
}

/**
 * A write that is refused for what it says: nothing was stored, and a write that says less may be accepted. Who runs the cluster
 * decides that, usually with an admission policy.
 */
export class RefusedContentError extends AwsAuthError {}

/**
 * A write of which nobody knows whether it was stored. If it still arrives, it meets the version that it was made for, or
 * conflicts.
 */
export class UnknownOutcomeError extends AwsAuthError {
  constructor(problem: AwsAuthError) {
    super(problem.code, `${problem.message}; whether the write was stored is not known, so run again`, {
      cause: problem.cause,
    });
  }
}

/** The result, or undefined where there is none for a reason that a user can act on; anything else is a bug, and is passed on. */
export async function ignoreUserErrors<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof AwsAuthError) {
      return undefined;
    }
    throw error;
  }
}

/** Whether a cluster is known to be no more: then it has no mappings either. */
export function isClusterGone(error: unknown): error is AwsAuthError {
  return isOneOf(error, ["clusterGone"]);
}

/** Whether a cluster has stopped reading aws-auth, so that what is left in it has no effect. */
export function isMapIgnored(error: unknown): error is AwsAuthError {
  return isOneOf(error, ["configMapIgnored"]);
}

/** Whether a cluster may well be there, and this run cannot get at it. */
export function isOutOfReach(error: unknown): error is AwsAuthError {
  return isOneOf(error, [
    "clusterNotFound",
    "clusterUnreachable",
    "clusterChanged",
    "credentials",
    "invalidKubeconfig",
    "accessDenied",
  ]);
}

/**
 * The same error as the plugin should print it, laid out in lines. For a read or a delete it prints `${error}: ${error.stack}`
 * before the engine prints the message, and a stack is of no use for an error that the user can fix.
 */
export function forDisplay(error: unknown): unknown {
  if (!(error instanceof AwsAuthError)) {
    return error;
  }
  const shown = new AwsAuthError(error.code, layOut(error.message), { cause: error.cause });
  shown.toString = () => "aws-auth";
  shown.stack = shown.message;
  return shown;
}

function isOneOf(error: unknown, codes: readonly AwsAuthErrorCode[]): error is AwsAuthError {
  return error instanceof AwsAuthError && codes.includes(error.code);
}
