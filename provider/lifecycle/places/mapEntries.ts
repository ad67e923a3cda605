import { type AwsAuthDocument, type ClaimedPart, type Entry, entryMapping, findEntries, isSso } from "../../document";
import { hideSaid } from "../../engine/secretValues";
import { type Mapping, sameContent, sameGroups } from "../../mapping";

/** Whether the program ignores changes of a property. */
export function ignores(ignored: readonly string[], property: "username" | "groups"): boolean {
  // A path such as groups[0] counts as the whole list, since groups are a set.
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

/**
 * The desired mapping, with the entry's content for the properties that the program ignores. Where it says something else than before,
 * it ignores a part alone, such as `groups[0]`, and the engine has put that together.
 *
 * @param previous the content when the resource last wrote or read the entry.
 */
export function withIgnored(
  desired: Mapping,
  own: Entry,
  ignored: readonly string[],
  previous: Mapping = desired,
): Mapping {
  if (desired.kind === "account" || previous.kind === "account") {
    return desired;
  }
  const { username, groups } = previous;
  return {
    ...desired,
    ...(ignores(ignored, "username") && desired.username === username && { username: own.username }),
    ...(ignores(ignored, "groups") && sameGroups(desired.groups, groups) && { groups: own.groups }),
  };
}

/** The part of an entry that a resource claims: everything that the program does not ignore. */
export function claimedPart(ignored: readonly string[]): ClaimedPart {
  const [username, groups] = [ignores(ignored, "username"), ignores(ignored, "groups")];
  if (username && groups) {
    return "none";
  }
  return username ? "groups" : groups ? "username" : "all";
}

/** A principal's entries, without those for permission sets. No message shows what they say in the place of a secret. */
export function entriesFor(document: AwsAuthDocument, principal: string): Entry[] {
  const entries = findEntries(document, principal).filter((entry) => !isSso(entry));
  for (const entry of entries) {
    hideSaid(principal, entry);
  }
  return entries;
}

/** Whether an entry has the content of a mapping, in any spelling of the ARN. */
export function hasContentOf(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
