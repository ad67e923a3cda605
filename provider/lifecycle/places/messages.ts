import type { Mapping } from "../../mapping";
import type { Declaration } from "../../session/declarations";
import { nameOf } from "../context";

/** The subject of a mapping, for messages: `arn "…"` or `account "…"`. */
export function describeSubject(mapping: Mapping): string {
  return mapping.kind === "account" ? `account "${mapping.account}"` : `arn "${mapping.arn}"`;
}

/** Describes two resources of one program for the same identity, whose ARNs may be spelled differently. */
export function describeRivalResource(own: Declaration, rival: Declaration): string {
  const names = [own.urn, rival.urn].map(nameOf);
  const [first, other] = names[0] === names[1] ? [own.urn, rival.urn] : names;
  return clauses(
    `${own.subject} is mapped by two resources of this program, "${other}" and "${first}"`,
    ...(rival.subject === own.subject ? [] : [`"${other}" says ${rival.subject}, which is the same identity`]),
    ...remediesOf(own, rival),
  );
}

/** Why two resources of one program cannot have one identity, and the remedies. */
function remediesOf(...both: readonly Declaration[]): readonly string[] {
  if (both.some(({ noDuplicateARNs }) => noDuplicateARNs)) {
    return ["of several entries for one identity the authenticator uses only the last", "keep one of the two"];
  }
  return both.some(({ adopt }) => adopt)
    ? ["adopt: true takes over every other entry of the identity", "keep one of the two, or leave out adopt"]
    : [
        "EKS has one access entry for an identity",
        "keep one of the two, or set authenticationMode: CONFIG_MAP on both",
      ];
}

/**
 * Reports that the entry of a new resource exists already, and who else claims it.
 *
 * @param entry the subject, and its entry.
 * @param goes whether it is removed in the end.
 */
export function describeIdenticalEntry(entry: string, sharers: Labelled, goes = true): string {
  const end = goes ? ", and removed with the last resource that wants it" : "";
  return sharers.length === 0
    ? `${entry}; importing it into the state, the entry stays as it is`
    : `${entry}, which ${namesOf(sharers)} ${wants(sharers)} as well; it is shared from now on${end}`;
}

export function describeEndedNamesake(previous: Mapping, namesakes: Labelled): string {
  return `another claim on the entry for ${describeSubject(previous)} under the name of this resource, ${namesOf(namesakes)}, was removed with this one: left by an interrupted run, or by a resource that was left in place (retainOnDelete, pulumi state delete); if it is of a stack that was renamed, or of a stack of this name in another backend, "pulumi up" there claims the entry again, and adds it if it is gone`;
}

/** The clause about those from whom an adoption takes an entry; empty if there are none. */
export function takenFrom(displaced: Labelled): string {
  return displaced.length === 0 ? "" : `, taken from ${namesOf(displaced)}`;
}

export function wants(claims: Labelled): string {
  return new Set(claims.map(({ label }) => label)).size === 1 ? "wants" : "want";
}

/**
 * Explains that others want an entry as it is, and the remedies.
 *
 * @param entry what is shared: the mapping, or the access entry of it.
 * @param it the entry as it is.
 * @param wish what this resource says.
 */
export function describeHeldEntry(entry: string, it: string, wish: string, heldBy: Labelled): string {
  const others = namesOf(heldBy);
  return clauses(
    `${entry} is shared with ${others}, which ${wants(heldBy)} ${it}`,
    `this resource says ${wish}`,
    `leave it as it is, or set adopt: true to take it over from ${others}`,
  );
}

export function describeTakenOverEntry(
  entry: string,
  now: string,
  wish: string,
  takenOverBy: Labelled,
  isAlone = true,
): string {
  const way = isAlone
    ? 'take the entry back with "pulumi state delete" and adopt: true'
    : 'run "pulumi state delete" on it, and the next "pulumi up" adds an entry of its own beside that one';
  return clauses(
    `${entry} was taken over by ${namesOf(takenOverBy)}`,
    now,
    `this resource says ${wish}`,
    `remove the resource from the program (its delete leaves that entry unchanged), or ${way}`,
  );
}

/** Explains that somebody changed an entry, which therefore stays, and the remedies. */
export function describeChangedEntry(entry: string, stays: string, said: string, now: string, ways: string): string {
  return clauses(
    `${entry} was changed outside Pulumi, so it is not ${stays}`,
    `this resource last said ${said}`,
    now,
    ways,
  );
}

export const acceptChange =
  'to remove it anyway, accept it into the state first with "pulumi refresh", or run "pulumi destroy --refresh"';

export type Labelled = readonly { readonly label: string }[];

/** The labels of claims, for messages: `"organization/infra/prod admin" and "organization/apps/prod ops"`. */
export function namesOf(claims: Labelled): string {
  return [...new Set(claims.map(({ label }) => JSON.stringify(label)))].sort().join(" and ");
}

/** The clause about who claims an entry; empty if nobody does. */
export function claimedBy(claims: Labelled): string {
  return claims.length === 0 ? "" : `, claimed by ${namesOf(claims)}`;
}

export function clauses(...contents: readonly string[]): string {
  return contents.join("; ");
}
