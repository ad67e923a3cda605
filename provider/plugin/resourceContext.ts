import { isDeepStrictEqual } from "node:util";
import { parseUrn } from "../engine/urn";
import { inputNames } from "../lifecycle/context";
import { type Properties, storedClaim } from "../lifecycle/state";
import { printable } from "../text/text";

/**
 * What the options of a resource ignore, as the last update has stored it. Of a property that they ignore, the engine passes on what it
 * has; so they do not ignore one that has another value now.
 */
export function ignoredSinceUpdate(stored: Properties, olds: Properties, news: Properties): readonly string[] {
  return (storedClaim(stored).ignored ?? []).filter((path) => {
    const [name] = /^\w+/.exec(path) ?? [];
    const names: readonly string[] = name === undefined ? inputNames : [name];
    return names.every((input) => isDeepStrictEqual(olds[input], news[input]));
  });
}

/** The label of a new claim: project and stack, since no request names the organization, or the owner in the settings; and the name. */
export function labelOf(urn: string, owner: string | undefined): string | undefined {
  const { stack, project, name } = parseUrn(urn) ?? {};
  return name === undefined ? undefined : printable(`${owner || `${project}/${stack}`} ${name}`);
}
