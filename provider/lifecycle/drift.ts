import { type Entry, isEffective } from "../document";
import { type Mapping, sameGroups } from "../mapping";
import { ignores } from "./ignored";

/**
 * How an entry differs from what its resource last wrote, by property: `{ groups: "changed outside Pulumi: [viewers] => [admins]" }`.
 *
 * @param previous what the resource last wrote or read.
 * @param own the entry as it is now; undefined if it is gone.
 * @param ignored the properties that the program leaves to others.
 */
export function describeDrift(
  previous: Mapping,
  own: Entry | undefined,
  ignored: readonly string[],
): Record<string, string> {
  if (own === undefined) {
    return { entry: "removed outside Pulumi" };
  }
  if (previous.kind === "account") {
    return {};
  }
  const isUsernameChanged = (previous.username ?? "") !== own.username && !ignores(ignored, "username");
  const areGroupsChanged = !sameGroups(previous.groups, own.groups) && !ignores(ignored, "groups");
  return {
    ...(!isEffective(own) && { arn: changed(previous.arn, own.arn ?? "none") }),
    ...(isUsernameChanged && { username: changed(previous.username || "none", own.username || "none") }),
    ...(areGroupsChanged && { groups: changed(list(previous.groups), list(own.groups)) }),
  };
}

function changed(before: string, after: string): string {
  return `changed outside Pulumi: ${before} => ${after}`;
}

function list(groups: readonly string[]): string {
  // An empty name is what a YAML 1.1 reader makes of an unquoted y, no or 123.
  return `[${groups.map((group) => group || '""').join(", ")}]`;
}
