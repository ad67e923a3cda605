import { closestOf } from "../text";

/** Groups to which Kubernetes or EKS itself grants rights. */
const builtInGroups: readonly string[] = [
  "system:masters",
  "system:nodes",
  "system:bootstrappers",
  "system:node-proxier",
  "system:authenticated",
  "system:unauthenticated",
  "system:monitoring",
  "system:serviceaccounts",
  "eks:kube-proxy-windows",
];

/** Prefixes of the groups that exist for each namespace or each kind of bootstrap token. */
const groupFamilies: readonly string[] = ["system:serviceaccounts:", "system:bootstrappers:"];

/** Whether Kubernetes or EKS itself grants rights to a group. */
export function isBuiltInGroup(group: string): boolean {
  return builtInGroups.includes(group) || groupFamilies.some((family) => group.startsWith(family));
}

/**
 * The built-in group that a misspelt group stands for. A misspelling has another letter case, one wrong letter in its name (two in a
 * long name), or one in its prefix. To spare a company's own groups, this ignores names without such a prefix, and additions such as
 * `-eu` or a digit.
 */
export function builtInGroupMeant(group: string): string | undefined {
  const parts = isBuiltInGroup(group) ? null : /^([a-z]+):([a-z-]+)$/.exec(group.trim().toLowerCase());
  if (parts === null) {
    return undefined;
  }
  const [, prefix = "", name = ""] = parts;
  const meantPrefix = closestOf(prefix, ["system", "eks"], () => (prefix.length > 3 ? 1 : 0));
  if (meantPrefix === undefined) {
    return undefined;
  }
  const names = builtInGroups
    .filter((known) => known.startsWith(`${meantPrefix}:`))
    .map((known) => known.slice(meantPrefix.length + 1));
  if (names.some((known) => name.startsWith(`${known}-`))) {
    return undefined;
  }
  // A name that is wrong in both parts may as well be a different one.
  const meant = closestOf(name, names, (known) => (prefix === meantPrefix ? slipsIn(known) : 0));
  return meant && `${meantPrefix}:${meant}`;
}

function slipsIn(name: string): number {
  return name.length < 8 ? 1 : 2;
}
