import { AwsAuthError, type AwsAuthErrorCode } from "../errors";

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
 * The same error as the plugin should print it. For a read or a delete it prints `${error}: ${error.stack}` before the engine prints
 * the message, and a stack is of no use for a fault that the user can mend.
 */
export function withoutStack(error: unknown): unknown {
  if (!(error instanceof AwsAuthError)) {
    return error;
  }
  const shown = new AwsAuthError(error.code, error.message, { cause: error.cause });
  shown.toString = () => "aws-auth";
  shown.stack = error.message;
  return shown;
}

function isOneOf(error: unknown, codes: readonly AwsAuthErrorCode[]): error is AwsAuthError {
  return error instanceof AwsAuthError && codes.includes(error.code);
}
