import { type AwsAuthDocument, appendEntry, type Claim, type Entry, removeEntry, updateEntry } from "../document";
import { AwsAuthError } from "../errors";
import { describeConflict } from "./describe";
import { describeForbidden } from "./describeClaims";
import { replaceClaims, type WantedClaim } from "./ownership";
import { type Intent, isConflict, isForbidden, type Plan } from "./plan";

/** What a plan comes to. */
export interface AppliedPlan {
  readonly document: AwsAuthDocument;
  /** Whether the resource's claim is in the record. */
  readonly isClaimed: boolean;
}

/**
 * Carries a plan out: the entry, and the claims on it.
 *
 * @param claim the resource's claim; undefined: it makes none, and those that it has go.
 * @param replaced claims besides its own and the displaced ones that its claim takes the place of.
 * @throws AwsAuthError `duplicateArn` where an entry is in the way, `claimed` where the claims of others are; `unreadableKey` where the
 * key cannot be edited.
 */
export function applyPlan(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  claim: WantedClaim | undefined,
  replaced: readonly Claim[] = [],
): AppliedPlan {
  if (isForbidden(plan)) {
    throw new AwsAuthError("claimed", describeForbidden(document, plan, intent));
  }
  if (isConflict(plan, intent)) {
    throw new AwsAuthError("duplicateArn", describeConflict(document, plan, intent));
  }
  const { document: edited, entry } = editFor(plan.removes.reduce(removeEntry, document), plan);
  return replaceClaims(edited, [...plan.standing.own, ...plan.displaced, ...replaced], entry, claim);
}

function editFor(
  document: AwsAuthDocument,
  { own, inSync, wanted }: Plan,
): { document: AwsAuthDocument; entry: Entry } {
  if (own === undefined) {
    return appendEntry(document, wanted);
  }
  return inSync ? { document, entry: own } : updateEntry(document, own, wanted);
}
