import { printableLines } from "./text/text";

/** The kind of an {@link AwsAuthError}. Code branches on these, never on the text of a message. */
export type AwsAuthErrorCode =
  | "invalidInput" // an input that no cluster could accept
  | "duplicateArn" // another entry or another resource already maps the principal
  | "claimed" // other stacks claim the entry as it is, or have taken it over
  | "changedOutside" // the entry was changed outside this stack before a delete
  | "unreadableKey" // a key of the ConfigMap is in a form that is refused, so its entries are unknown and it is never overwritten
  | "unsupportedEntry" // replacing an entry would lose a comment or another field, or an access entry cannot be owned
  | "clusterNotNamed" // neither the resource nor the stack configuration specifies a cluster
  | "clusterNotFound" // there is no such manifest, or EKS found no such cluster, possibly because the credentials are for a different account
  | "notFound" // AWS found no other object, such as an access entry: never a reason to treat a cluster as deleted
  | "clusterGone" // the only code treated as deleted: EKS found no such cluster in its own account, or the manifest in the state is gone
  | "clusterChanged" // the kubeconfig or the credentials now resolve to a different cluster or account, or a mapping's old cluster cannot be read
  | "certificateNotTrusted" // the server's TLS certificate is not trusted, so nothing was sent
  | "clusterUnreachable" // no response from the API server, EKS or the file system within the limit
  | "accessDenied" // the identity may not read or write kube-system/aws-auth or access entries, or look up the cluster
  | "rejected" // the API server or an admission webhook refuses this change
  | "invalidKubeconfig" // the kubeconfig, or the context in it, cannot be used
  | "missingPackage" // Pulumi is too old for the resource plugin
  | "credentials" // no AWS credentials, or expired ones
  | "notConfigMap" // a manifest file does not contain the ConfigMap kube-system/aws-auth
  | "configMapIgnored" // the cluster's authentication mode is API, so that aws-auth has no effect
  | "conflict" // another writer changed the content between the read and the write
  | "lockout" // the change would remove the last administrator, the last nodes, or the caller's own access
  | "tooLarge"; // the API server refuses the write for its size

/**
 * An error that this package reports: a code to branch on, and a message that a user can act on, with clauses separated by
 * semicolons. Text from a map, a file or a server is escaped, so that it cannot control a terminal.
 */
export class AwsAuthError extends Error {
  override readonly name = "AwsAuthError";
  readonly code: AwsAuthErrorCode;

  constructor(code: AwsAuthErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(printableLines(message), options);
    this.code = code;
  }
}

/**
 * A write that is refused because of its content, usually by an admission policy: nothing was stored, and a write with fewer
 * changes may be accepted.
 */
export class RefusedContentError extends AwsAuthError {}

/** A write that may or may not have been stored. If it arrives later, it either applies to the version that it was made for, or conflicts. */
export class UnknownOutcomeError extends AwsAuthError {
  constructor(problem: AwsAuthError) {
    super(problem.code, `${problem.message}; the write may have been stored, so run again`, {
      cause: problem.cause,
    });
  }
}

/** A create or update that failed after its first write. The engine stores the properties, and the next `up` or `destroy` continues from there. */
export class PartialStateError extends AwsAuthError {
  readonly id: string;
  /** The outputs, which contain the places that were written. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly reasons: readonly string[];

  constructor(problem: AwsAuthError, id: string, properties: Readonly<Record<string, unknown>>) {
    super(problem.code, problem.message, { cause: problem.cause });
    this.id = id;
    this.properties = properties;
    this.reasons = [problem.message];
  }
}

/** Returns an error that a user can act on. Rethrows any other error, which is a bug. */
export function asAwsAuthError(error: unknown): AwsAuthError {
  if (error instanceof AwsAuthError) {
    return error;
  }
  throw error;
}

export function hasCode(error: unknown, ...codes: readonly AwsAuthErrorCode[]): error is AwsAuthError {
  return error instanceof AwsAuthError && codes.includes(error.code);
}

/** Returns undefined for an error that a user can act on. Rethrows any other error. */
export async function ignoreUserErrors<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    asAwsAuthError(error);
    return undefined;
  }
}

export function extended(error: AwsAuthError, clause: string, code = error.code): AwsAuthError {
  return new AwsAuthError(code, `${error.message}; ${clause}`, { cause: error });
}

/** Inserts the URN of the resource in the commands in a message. */
export function withUrn(message: string, urn: string | undefined): string {
  return !urn ? message : message.replace(/(?<=(?:state delete|--target) )URN\b/g, `'${urn}'`);
}

/**
 * Prepares an error for the process of dynamic resources, which prints `${error}: ${error.stack}` for a failed read or
 * delete before the engine prints the message. A stack trace is not useful for an error that the user can fix.
 */
export function forDisplay(error: unknown): unknown {
  if (!(error instanceof AwsAuthError)) {
    return error instanceof Error
      ? Object.assign(error, { message: printableLines(error.message), stack: printableLines(error.stack ?? "") })
      : error;
  }
  const plain = new AwsAuthError(error.code, error.message.toWellFormed(), { cause: error.cause });
  const shown = error instanceof PartialStateError ? new PartialStateError(plain, error.id, error.properties) : plain;
  shown.toString = () => "aws-auth";
  shown.stack = shown.message;
  return shown;
}

/** A problem with a value, for display as one sentence. */
export interface Problem<Code extends string = string, Place = string> {
  readonly code: Code;
  /** The property of a mapping, or the entry of the map, that has it. */
  readonly place: Place;
  /** A clause with the value and the rule. */
  readonly text: string;
  /** A clause with the remedy; undefined for a note that needs no action. */
  readonly remedy?: string;
}

export function describeProblem({ text, remedy }: Pick<Problem, "text" | "remedy">): string {
  return remedy === undefined ? text : `${text}; ${remedy}`;
}
