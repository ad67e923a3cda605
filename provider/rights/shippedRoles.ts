import { memoize } from "../identity/placedEntry";
import { cutShort } from "../text/text";
import { adminTable, editTable, everythingTable, read, rulesIn, viewTable, write } from "./accessPolicies";
import { allows, type Grant } from "./authorizer";
import { objectsIn, type PolicyRule } from "./bindings";
import { describeRequest } from "./verdicts";

const view = `${viewTable}
${read}|events.k8s.io metrics.k8s.io|events nodes pods
${read}|resource.k8s.io|resourceclaims resourceclaims/status resourceclaimtemplates`;
const edit = `${view}
${editTable}
create||pods/eviction serviceaccounts/token
${write}|events.k8s.io|events
${read} ${write}|coordination.k8s.io|leases
${write}|resource.k8s.io|resourceclaims resourceclaimtemplates`;
const admin = `${edit}\n${adminTable}`;

/**
 * The rules of the roles that Kubernetes ships, of all versions since 1.30, and those that metrics-server adds. Those of EKS's access policies are a part of them.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go
 */
export const shippedRoles = new Map(
  Object.entries({ "cluster-admin": everythingTable, admin, edit, view }).map(([name, table]) => {
    const known = rulesIn(table);
    return [name, memoize((rules: readonly PolicyRule[]) => rights(rules, known))];
  }),
);

/** The rights of a shipped role that Kubernetes does not ship with it, such as those of aggregated roles: `create pods/exec`. */
export function addedRights({ binding }: Pick<Grant, "binding">, rules: readonly PolicyRule[] = []): readonly string[] {
  const { kind, name = "" } = binding?.role ?? {};
  return (kind === "ClusterRole" && shippedRoles.get(name)?.(rules)) || [];
}

/** ` (and more: create pods/exec)`; empty for a role without added rights. */
export function andMore(grant: Pick<Grant, "binding">, rules?: readonly PolicyRule[]): string {
  const added = addedRights(grant, rules);
  return added.length === 0 ? "" : ` (and more: ${cutShort(added, 3)})`;
}

/** The rights in rules that none of the known rules includes, sorted. */
function rights(rules: readonly PolicyRule[], known: readonly PolicyRule[]): readonly string[] {
  const found = rules.flatMap((rule) =>
    [...objectsIn(rule), ...rule.nonResourceURLs.map((path) => ({ path }))].flatMap((object) => {
      const added = rule.verbs.filter((verb) => !known.some((one) => allows(one, { verb, ...object })));
      return added.length === 0 ? [] : describeRequest({ verb: added.sort().join(","), ...object });
    }),
  );
  return [...new Set(found)].sort();
}
