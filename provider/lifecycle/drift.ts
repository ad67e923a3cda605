import type { Entry } from "../document";
import { type Mapping, principalOf, sameGroups } from "../mapping";
import { ignores } from "./plan";

/**
 * How an entry differs from what its resource last wrote, a clause for each property: `groups ["viewers"] => ["system:masters"]`.
 *
 * @param previous what the resource last wrote or read.
 * @param own the entry as it is now; undefined if it is gone.
 * @param ignored the properties that the program leaves to others.
 */
export function describeDrift(previous: Mapping, own: Entry | undefined, ignored: readonly string[]): string {
  if (own === undefined) {
    return "removed outside Pulumi: the entry is gone from kube-system/aws-auth";
  }
  if (previous.kind === "account") {
    return "";
  }
  const clauses = [];
  if ((previous.username ?? "") !== own.username && !ignores(ignored, "username")) {
    clauses.push(`username ${JSON.stringify(previous.username ?? "")} => ${JSON.stringify(own.username)}`);
  }
  if (!sameGroups(previous.groups, own.groups) && !ignores(ignored, "groups")) {
    clauses.push(`groups ${JSON.stringify(previous.groups)} => ${JSON.stringify(own.groups)}`);
  }
  return `changed outside Pulumi: ${clauses.join(", ")}`;
}

/** Whether two mappings are the same principal's. */
export function isSamePrincipal(a: Mapping | undefined, b: Mapping | undefined): boolean {
  return a !== undefined && b !== undefined && principalOf(a) === principalOf(b);
}
