import type { AccessEntryContent } from "./accessEntry";

/** Why a mapping cannot be an access entry. */
export interface Refusal {
  /** The property of the mapping that causes this. */
  readonly property: "arn" | "account" | "username" | "groups";
  /** A clause: subject, quoted value, rule. */
  readonly reason: string;
  /** A clause: what to do. */
  readonly remedy: string;
  /** Whether EKS makes the access entry itself, for the role of Fargate pods. */
  readonly isFargate?: true;
}

/** A rule that a username or a group breaks. */
export type NameProblem = Pick<Refusal, "reason" | "remedy">;

interface RefusedMapping {
  readonly kind: "refused";
  /** All reasons, in the order of the properties. */
  readonly refusals: readonly [Refusal, ...Refusal[]];
}

/** The access entry of a mapping, with what is not quite the same, one clause each; or why it has none. */
export type Translation =
  | { readonly kind: "entry"; readonly content: AccessEntryContent; readonly notes: readonly string[] }
  | RefusedMapping;

/** What a translation has to know of a cluster. */
export interface TranslationCluster {
  /** The AWS account, 12 digits. */
  readonly account: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, ... */
  readonly partition: string;
}

export function refused(...refusals: [Refusal, ...Refusal[]]): RefusedMapping {
  return { kind: "refused", refusals };
}
