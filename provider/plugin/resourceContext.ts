import { isDeepStrictEqual } from "node:util";
import { ignoredProperty, inputNames } from "../lifecycle/context";
import type { Properties } from "../lifecycle/state";

/**
 * What the options of a resource ignore, as the last update has stored it. Of a property that they ignore, the engine passes on what it
 * has; so they do not ignore one that has another value now.
 */
export function ignoredSinceUpdate(stored: Properties, olds: Properties, news: Properties): readonly string[] {
  return ignoredIn(stored).filter((path) => {
    const [name] = /^\w+/.exec(path) ?? [];
    const names: readonly string[] = name === undefined ? inputNames : [name];
    return names.every((input) => isDeepStrictEqual(olds[input], news[input]));
  });
}

/** What a state stores of the option `ignoreChanges`. */
export function ignoredIn({ [ignoredProperty]: ignored }: Properties): readonly string[] {
  return Array.isArray(ignored) ? ignored.map(String) : [];
}
