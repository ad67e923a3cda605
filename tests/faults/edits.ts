import { appendEntry, findEntries, removeEntry } from "../../provider/awsAuthMap/index.ts";
import { type ArnMapping, principalOf } from "../../provider/mapping/index.ts";
import type { Mutation } from "../../provider/session/commit.ts";

/** What a resource of this name wants. */
function mappingOf(name: string): ArnMapping {
  return { kind: "role", arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
}

/** What `create` does to the document. */
export function ensure(name: string): Mutation<void> {
  const mapping = mappingOf(name);
  return (document) => {
    const isThere = findEntries(document, principalOf(mapping)).length > 0;
    return { document: isThere ? document : appendEntry(document, mapping), result: undefined };
  };
}

/** What `delete` does to the document. */
export function drop(name: string): Mutation<void> {
  return (document) => {
    const entries = findEntries(document, principalOf(mappingOf(name)));
    return { document: entries.reduce((before, entry) => removeEntry(before, entry), document), result: undefined };
  };
}
