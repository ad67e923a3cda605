import type { ClaimedPart, Entry } from "../document";
import type { Mapping } from "../mapping";

/** Whether the program leaves a property to others. */
export function ignores(ignored: readonly string[], property: "username" | "groups"): boolean {
  // A path such as groups[0] cannot be held apart from the list that it is in: groups are a set.
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

/** A mapping that takes over what the entry says in the properties that the program ignores. */
export function withIgnored(desired: Mapping, own: Entry | undefined, ignored: readonly string[]): Mapping {
  if (own === undefined || desired.kind === "account") {
    return desired;
  }
  return {
    ...desired,
    ...(ignores(ignored, "username") && { username: own.username }),
    ...(ignores(ignored, "groups") && { groups: own.groups }),
  };
}

/** What of an entry a resource claims: all that the program does not leave to others. */
export function claimedPart(ignored: readonly string[]): ClaimedPart {
  const [username, groups] = [ignores(ignored, "username"), ignores(ignored, "groups")];
  if (username && groups) {
    return "none";
  }
  return username ? "groups" : groups ? "username" : "all";
}
