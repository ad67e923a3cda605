import { type AwsAuthDocument, removeEntry } from "../../provider/document/index.ts";
import { applyPlan } from "../../provider/lifecycle/applyPlan.ts";
import { type Intent, planEntry, planRemoval } from "../../provider/lifecycle/plan.ts";
import type { ArnMapping } from "../../provider/mapping/index.ts";
import type { Mutation } from "../../provider/session/session.ts";

/** What a resource of this name wants, with the defaults of a program. */
function mappingOf(name: string): ArnMapping {
  return { kind: "role", arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
}

/** What `create` does to the document. */
export function ensure(name: string): Mutation<void> {
  const flags = { noDuplicateARNs: true, adopt: false, ignored: [], claimed: [] };
  const intent: Intent = { desired: mappingOf(name), previous: undefined, ...flags };
  return (document) => ({ document: applyPlan(document, planEntry(document, intent), intent), result: undefined });
}

/** What `delete` does to the document. */
export function drop(name: string): Mutation<void> {
  return (document: AwsAuthDocument) => {
    const own = planRemoval(document, { previous: mappingOf(name), claimed: [], noDuplicateARNs: true });
    return { document: own === undefined ? document : removeEntry(document, own), result: undefined };
  };
}
