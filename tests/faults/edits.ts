import { type AwsAuthDocument, dropClaims, removeEntry } from "../../provider/document/index.ts";
import { applyPlan } from "../../provider/lifecycle/places/mapEdit.ts";
import { type Intent, planEntry, planRemoval } from "../../provider/lifecycle/places/mapPlan.ts";
import type { ArnMapping } from "../../provider/mapping/index.ts";
import type { Mutation } from "../../provider/session/session.ts";

/** What a resource of this name wants, with the defaults of a program. */
function mappingOf(name: string): ArnMapping {
  return { kind: "role", arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
}

const flags = { noDuplicateARNs: true, adopt: false, ignored: [], declared: [] };

function claimantOf(name: string) {
  return { id: `c${name}` };
}

/** What `create` does to the document. */
export function ensure(name: string): Mutation<void> {
  const claimant = claimantOf(name);
  const intent: Intent = { desired: mappingOf(name), previous: undefined, claimant, ...flags };
  const claim = { ...claimant, label: name, isFound: false };
  return (document) => ({
    document: applyPlan(document, planEntry(document, intent), intent, claim).document,
    result: undefined,
  });
}

/** What `delete` does to the document. */
export function drop(name: string): Mutation<void> {
  return (document: AwsAuthDocument) => {
    const removal = planRemoval(document, { previous: mappingOf(name), claimant: claimantOf(name), ...flags });
    const unclaimed = dropClaims(document, removal.standing.own);
    const next = removal.kind === "remove" ? removeEntry(unclaimed, removal.entry) : unclaimed;
    return { document: next, result: undefined };
  };
}
