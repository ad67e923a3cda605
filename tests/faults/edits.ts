import { type AwsAuthDocument, removeEntry } from "../../provider/document/index.ts";
import { applyPlan } from "../../provider/lifecycle/applyPlan.ts";
import { type Intent, planEntry, planRemoval } from "../../provider/lifecycle/plan.ts";
import type { ArnMapping } from "../../provider/mapping/index.ts";
import type { Mutation } from "../../provider/session/session.ts";

/** What a resource of this name wants, with the defaults of a program. */
function mappingOf(name: string): ArnMapping {
  return { kind: "role", arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
}

const nobody = { id: undefined, label: undefined };

/** What `create` does to the document. */
export function ensure(name: string): Mutation<void> {
  const id = `c${name}`.toLowerCase().replace(/[^a-z0-9]/g, "");
  const claimant = { id, label: name };
  const flags = { noDuplicateARNs: true, adopt: false, ignored: [], declared: [], claimant };
  const intent: Intent = { desired: mappingOf(name), previous: undefined, ...flags };
  const claim = { id, label: name, isFound: false };
  return (document) => ({
    document: applyPlan(document, planEntry(document, intent), intent, claim).document,
    result: undefined,
  });
}

/** What `delete` does to the document. */
export function drop(name: string): Mutation<void> {
  return (document: AwsAuthDocument) => {
    const previous = mappingOf(name);
    const removal = planRemoval(document, {
      previous,
      noDuplicateARNs: true,
      ignored: [],
      declared: [],
      claimant: nobody,
    });
    const isThere = removal.kind === "remove";
    return { document: isThere ? removeEntry(document, removal.entry) : document, result: undefined };
  };
}
