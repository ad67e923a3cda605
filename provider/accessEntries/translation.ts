import type { AccessEntryContent } from "./accessEntry";
import type { NameProblemCode } from "./names";

/**
 * Why a mapping has no access entry that says the same, for scripts to branch on; besides the rules for names:
 *
 * - `account`: everybody of an AWS account
 * - `principal`: not the ARN of a role or user that can exist
 * - `otherPrincipal`: the ARN with path is that of somebody else than the mapping's
 * - `foreignPartition`: a role or user of another partition than the cluster's, who can never log in
 * - `serviceLinkedRole`: a role of an AWS service, for which only that service can make an access entry
 * - `fargate`: the role of Fargate pods, for which EKS makes the access entry
 * - `sessionNode`: nodes that are named by their session, which may be of several types
 * - `foreignNode`: nodes of another account than the cluster's
 * - `nodeUser`: nodes that would be an IAM user
 * - `nodeGroups`: nodes with other groups than EKS gives them
 */
export type RefusalCode =
  | NameProblemCode
  | "account"
  | "principal"
  | "otherPrincipal"
  | "foreignPartition"
  | "serviceLinkedRole"
  | "fargate"
  | "sessionNode"
  | "foreignNode"
  | "nodeUser"
  | "nodeGroups";

export interface Refusal {
  /** The property of the mapping that stands in the way. */
  readonly property: "arn" | "account" | "username" | "groups";
  readonly code: RefusalCode;
  /** A clause: subject, quoted value, rule. */
  readonly reason: string;
  readonly remedy: string;
}

export interface TranslatedMapping {
  readonly kind: "entry";
  readonly content: AccessEntryContent;
  /** What is not quite the same, one clause each. */
  readonly notes: readonly string[];
}

/** All reasons against an access entry for a mapping. The fields of the first one are those of this object. */
export interface RefusedMapping extends Refusal {
  readonly kind: "refused";
  /** At least one, in the order of the properties. */
  readonly refusals: readonly Refusal[];
}

export type Translation = TranslatedMapping | RefusedMapping;

export interface TranslationSettings {
  /** The AWS account of the cluster, 12 digits. */
  readonly clusterAccount: string;
  /** The partition of the cluster: `aws`, `aws-cn`, `aws-us-gov`, ... */
  readonly partition: string;
  /**
   * ARN of the role or user with its path, which a mapping has not: from the program (`givenPrincipalArn`), or from `iam:GetRole` in
   * the principal's own account. Not read for an account.
   */
  readonly principalArn: string;
}

export function refused(first: Refusal, ...more: readonly Refusal[]): RefusedMapping {
  return { ...first, kind: "refused", refusals: [first, ...more] };
}
