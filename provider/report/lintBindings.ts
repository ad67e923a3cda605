import { type Finding, findingAt } from "./finding";
import type { PlacedEntry } from "./placedEntry";

/**
 * Groups to which no role is bound, so that they give nothing.
 *
 * @param bound the groups that bindings of the cluster name.
 */
export function lintBindings(entries: readonly PlacedEntry[], bound: ReadonlySet<string>): Finding[] {
  return entries.flatMap((placed) =>
    [...new Set(placed.entry.groups)]
      .filter((group) => group !== "" && !isBuiltIn(group) && !bound.has(group) && !group.includes("{{"))
      .map((group) => {
        const message = `no ClusterRoleBinding and no RoleBinding names the group ${JSON.stringify(group)}, so it gives no right; bind a role to it, or correct the name`;
        return findingAt(placed, "unbound-group", "warning", message);
      }),
  );
}

/** Groups that Kubernetes itself gives rights to. */
function isBuiltIn(group: string): boolean {
  return group.startsWith("system:");
}
