/** A property of a mapping that a program may ignore. */
type IgnoredProperty = "username" | "groups";

/** Whether an `ignoreChanges` has a property. A path such as `groups[0]` counts as the whole list, since groups are a set. */
export function ignores(ignored: readonly string[], property: IgnoredProperty): boolean {
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}
