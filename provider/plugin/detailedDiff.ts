import { isDeepStrictEqual } from "node:util";
import { inputNames } from "../lifecycle/properties";
import { changedConnection, type Properties } from "../lifecycle/state";
import { fieldsOf } from "../text/fields";

/**
 * The kinds of changes from outputs to inputs, by path such as `groups[1]`, for a resource that changes. Groups are a set, so their order is
 * ignored. Fields that the state adds to a cluster, such as its account, are also ignored, unless the cluster replaces the resource.
 */
export function propertyChanges(olds: Properties, news: Properties, replaces: readonly string[]) {
  return [...inputNames, "drift"].flatMap((name) => {
    const isReplacing = replaces.includes(name);
    return pathsOf(name, olds[name], news[name], isReplacing).map(([path, before, after]) => {
      const kind = before === undefined ? "ADD" : after === undefined ? "DELETE" : "UPDATE";
      return [path, isReplacing ? (`${kind}_REPLACE` as const) : kind] as const;
    });
  });
}

type Changed = readonly [path: string, before: unknown, after: unknown];

function pathsOf(name: string, before: unknown, after: unknown, isReplacing: boolean): Changed[] {
  if (name === "groups" && Array.isArray(before) && Array.isArray(after)) {
    return groupChanges(before, after);
  }
  if (name === "cluster" && Object.keys(fieldsOf(before)).length > 0 && Object.keys(fieldsOf(after)).length > 0) {
    return clusterFieldChanges(fieldsOf(before), fieldsOf(after), isReplacing);
  }
  return isDeepStrictEqual(before, after) ? [] : [[name, before, after]];
}

/** Shows a group that replaces another one at the same index as one change. */
function groupChanges(before: readonly unknown[], after: readonly unknown[]): Changed[] {
  const gone = before.map((group) => (after.includes(group) ? undefined : group));
  const come = after.map((group) => (before.includes(group) ? undefined : group));
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => index)
    .filter((index) => gone[index] !== undefined || come[index] !== undefined)
    .map((index) => [`groups[${index}]`, gone[index], come[index]]);
}

function clusterFieldChanges(before: Properties, after: Properties, isReplacing: boolean): Changed[] {
  const fields = isReplacing
    ? [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => before[field] !== after[field])
    : changedConnection(before, after);
  return fields.map((field) => [`cluster.${field}`, before[field], after[field]]);
}
