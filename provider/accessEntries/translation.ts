import type { AccessEntryContent } from "./accessEntry";

/** Why a mapping cannot be an access entry. */
export interface TranslationRefusal {
  /** The property of the mapping that causes the refusal. */
  readonly property: "arn" | "account" | "username" | "groups";
  /** A clause: subject, quoted value, rule. */
  readonly reason: string;
  /** A clause with the remedy. */
  readonly remedy: string;
  /** Whether EKS itself creates the access entry, for the role of Fargate pods. */
  readonly isFargate?: true;
}

export type RefusalReason = Pick<TranslationRefusal, "reason" | "remedy">;

interface RefusedMapping {
  readonly kind: "refused";
  /** All reasons, in the order of the properties. */
  readonly refusals: readonly [TranslationRefusal, ...TranslationRefusal[]];
}

/** The access entry of a mapping, with the differences in effect, one clause each, or why it has none. */
export type Translation =
  | { readonly kind: "entry"; readonly content: AccessEntryContent; readonly notes: readonly string[] }
  | RefusedMapping;

/** The properties of a cluster that a translation depends on. */
export interface TranslationCluster {
  /** The AWS account ID, 12 digits. */
  readonly account: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, ... */
  readonly partition: string;
}

export function refused(...refusals: [TranslationRefusal, ...TranslationRefusal[]]): RefusedMapping {
  return { kind: "refused", refusals };
}
