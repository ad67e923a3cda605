import type { Entry } from "../document";
import { principalKey } from "../mapping";

/**
 * Whether an entry is about an ARN, in any letter case, with or without the path of the role or user. Unlike the authenticator this
 * leaves out a user's path as well: whoever looks for a user rarely knows it.
 */
export function matchesArn(entry: Entry, arn: string): boolean {
  return entry.arn !== undefined && pathless(entry.arn) === pathless(arn.trim());
}

function pathless(arn: string): string {
  return principalKey(arn).replace(userPath, "$1");
}

const userPath = /^(arn:[^:/]*:iam::[^:/]*:user\/).*\/(?=[^/]+$)/s;
