import { type AwsAuthDocument, appendEntry, removeEntry, updateEntry } from "../document";
import { AwsAuthError } from "../errors";
import { describeConflict } from "./describe";
import { type Intent, isConflict, type Plan } from "./plan";

/**
 * Carries a plan out.
 *
 * @throws AwsAuthError `duplicateArn` where an entry is in the way; `unreadableKey` where the key cannot be edited.
 */
export function applyPlan(document: AwsAuthDocument, plan: Plan, intent: Intent): AwsAuthDocument {
  if (isConflict(plan, intent)) {
    throw new AwsAuthError("duplicateArn", describeConflict(document, plan, intent));
  }
  const cleared = plan.removes.reduce(removeEntry, document);
  if (plan.own === undefined) {
    return appendEntry(cleared, plan.wanted).document;
  }
  return plan.inSync ? cleared : updateEntry(cleared, plan.own, plan.wanted).document;
}
