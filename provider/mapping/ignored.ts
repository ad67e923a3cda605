import { type Mapping, sameGroups } from "./mapping";

/** A property of a mapping that a program may ignore. */
type IgnoredProperty = "username" | "groups";

/** Whether an `ignoreChanges` has a property. A path such as `groups[0]` counts as the whole list, since groups are a set. */
export function ignores(ignored: readonly string[], property: IgnoredProperty): boolean {
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

/** What an entry says of a property, and whether the program says the same of it as before. */
interface IgnoredPart<T> {
  readonly isSame: boolean;
  readonly live: Partial<T>;
}

/**
 * What a program wants, with what the entry says of the properties that it ignores. Where the program says something else than before, it
 * ignores a part alone, such as `groups[0]`, and the engine has put that together.
 */
export function keepIgnored<T>(
  desired: T,
  ignored: readonly string[],
  { username, groups }: Readonly<Record<IgnoredProperty, IgnoredPart<T>>>,
): T {
  return {
    ...desired,
    ...(username.isSame && ignores(ignored, "username") && username.live),
    ...(groups.isSame && ignores(ignored, "groups") && groups.live),
  };
}

/**
 * The desired mapping, with the entry's content for the properties that the program ignores.
 *
 * @param previous the content when the resource last wrote or read the entry.
 */
export function withIgnored(
  desired: Mapping,
  { username, groups }: { readonly username: string; readonly groups: readonly string[] },
  ignored: readonly string[],
  previous: Mapping = desired,
): Mapping {
  return desired.kind === "account" || previous.kind === "account"
    ? desired
    : keepIgnored(desired, ignored, {
        username: { isSame: desired.username === previous.username, live: { username } },
        groups: { isSame: sameGroups(desired.groups, previous.groups), live: { groups } },
      });
}
