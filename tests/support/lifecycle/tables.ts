import { expect } from "vitest";
import { authenticationModes } from "../../../provider/accessEntries/accessEntry.ts";
import type { Claim } from "../../../provider/claims.ts";
import { type Facts, factsOf, firstRow, type When } from "../../../provider/lifecycle/facts.ts";
import type { Plan } from "../../../provider/lifecycle/plan.ts";
import { type ReleaseFacts, releaseFactsOf } from "../../../provider/lifecycle/release.ts";
import {
  type Before,
  type Decision,
  type Me,
  type PlaceName,
  placeNames,
  type Refusal,
  type Release,
  type Seen,
  type SeenEntry,
  type Sight,
  type Situation,
  type Views,
  type Want,
} from "../../../provider/lifecycle/types.ts";
import { type Content, sameContent } from "../../../provider/mapping/index.ts";

/** `dev` and `ops` are users of one group; `nodes` is a node mapping. */
const contents: Readonly<Record<string, Content>> = {
  dev: { username: "dev", groups: ["viewers"] },
  ops: { username: "ops", groups: ["viewers"] },
  devRenamed: { username: "renamed", groups: ["viewers"] },
  admin: { username: "admin", groups: ["system:masters"] },
  adminUnfinished: { username: "admin", groups: [] },
  nodes: { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] },
};

const me: Me = { id: "mystem00.000001", stateId: "before00.000001", owner: "infra/prod dev" };

/**
 * `mine` has the same ID, `renamed` that of the state, `stem` the same stem, `copied` the random part alone, `other` nothing in common, and
 * `unreadable` is a line that cannot be parsed.
 */
const claimIds: Readonly<Record<string, string | undefined>> = {
  mine: "mystem00.000001",
  renamed: "before00.000001",
  copied: "another0.000001",
  stem: "mystem00.000002",
  other: "theirs00.000009",
  unreadable: undefined,
};

const columns = [
  ...["place", "entries", "claims", "foreign", "otherUnknown", "otherEntries", "otherClaims", "otherForeign"],
  ...["policies", "previous", "want", "adopt", "ignored", "places", "cluster", "successorFailed", "imported"],
  ...["dead", "fixed", "spellings", "otherDead", "otherPolicies"],
  // Only in the facts of a plan.
  ...["state", "map", "mapClaims", "entriesClaims", "written", "unknown"],
] as const;

/** Values by column; empty for a column without values. */
type There = { readonly [Column in (typeof columns)[number]]?: readonly string[] };

/**
 * The cases of a table: the facts, `column=value,value column`, and the outcome in words. Defaults: the place is the map, the program
 * declares `dev`, the mapping is stored only in that place, and omitted columns are empty.
 */
export function casesOf(table: Readonly<Record<string, string>>) {
  return Object.entries(table).map(([title, text]) => {
    const [facts = "", outcome = ""] = text.split("=> ");
    return { title, facts, outcome };
  });
}

function parse(text: string): There {
  const words = text.split(" ").filter((word) => word !== "");
  const there = Object.fromEntries(words.map((word) => [word.split("=")[0], word.split(/[=,]/).slice(1)]));
  expect(columns).toEqual(expect.arrayContaining(Object.keys(there)));
  return there;
}

export function decideFacts(text: string): Facts {
  const there = parse(text);
  const { previous: [previous] = [], want: [want = "dev"] = [], adopt, ignored = [], place, places = place } = there;
  const wanted = { content: known(contents, want), adopt: adopt !== undefined, ignored, places: placesOf(places) };
  return factsOf(wanted, previous === undefined ? undefined : known(contents, previous), me, sightOf(there));
}

/** The facts of a delete of `dev`, which has a claim in the state unless it was `imported`. */
export function releaseFacts(text: string): ReleaseFacts {
  const there = parse(text);
  const { ignored = [], place, places = place, successorFailed, cluster, imported } = there;
  const before: Before = { content: known(contents, "dev"), ignored, places: placesOf(places) };
  const situation: Situation = {
    clusterMode: cluster?.includes("API") ? "API" : undefined,
    hasFailedSuccessor: successorFailed !== undefined,
    justWritten: [],
  };
  return releaseFactsOf(before, imported === undefined ? me.id : undefined, sightOf(there), situation);
}

/**
 * The arguments of a plan. The program declares `want` (default: `dev`) in `places`; the state has `previous` (default: `dev`) in the places
 * `state`, if any. The map has the entries `map`.
 */
export function planFacts(text: string): readonly [Want, Before | undefined, Me, Views, Situation] {
  const there = parse(text);
  const { state, previous: [previous = "dev"] = [], want: [want = "dev"] = [], adopt, ignored = [], unknown } = there;
  const { places, map, mapClaims, entries, entriesClaims, policies, dead, cluster: [mode] = [], written } = there;
  const views = {
    map: seenOf(map, mapClaims),
    entries: unknown ? ("unknown" as const) : asAccessEntries(seenOf(entries, entriesClaims), policies, dead),
  };
  return [
    { content: known(contents, want), adopt: adopt !== undefined, ignored, places: placesOf(places) },
    state && { content: known(contents, previous), ignored, places: placesOf(state) },
    me,
    views,
    {
      clusterMode: authenticationModes.find((known) => known === mode),
      hasFailedSuccessor: false,
      justWritten: written === undefined ? [] : placesOf(written),
    },
  ];
}

/** A plan in words: its steps in order, and its refusal. */
export function describePlan({ steps, refusal }: Plan): string {
  return [
    ...steps.map(({ place, write, release }) =>
      write === undefined ? `release ${place}: ${describeRelease(release)}` : `${place}: ${describeDecision(write)}`,
    ),
    ...(refusal === undefined ? [] : [describeRefusal(refusal)]),
  ].join("; ");
}

function describeRefusal(refusal: Refusal): string {
  return "adoptHelps" in refusal
    ? describeDecision(refusal)
    : "previous" in refusal
      ? describeRelease(refusal)
      : `refused ${refusal.code} beside ${refusal.stays}`;
}

function placesOf(names: readonly string[] = ["map"]): readonly PlaceName[] {
  return placeNames.filter((place) => names.includes(place));
}

/**
 * `dead` and `otherDead` name why the access entries of the place, or of the other one, grant no access. Of several entries of the map, the last
 * one is in force, with `spellings` all of them. With `fixed`, none of them would be in force at the end of its list.
 */
function sightOf(there: There): Sight {
  const { place, entries, claims, foreign, policies, otherUnknown, otherEntries, otherClaims, otherForeign } = there;
  const { dead, fixed, spellings, otherDead, otherPolicies } = there;
  const here = seenOf(entries, claims, foreign, spellings !== undefined, fixed === undefined);
  const other = seenOf(otherEntries, otherClaims, otherForeign);
  const isMap = place?.[0] !== "entries";
  return {
    place: placesOf(place)[0] ?? "map",
    here: isMap ? here : asAccessEntries(here, policies, dead),
    other: otherUnknown !== undefined ? "unknown" : isMap ? asAccessEntries(other, otherPolicies, otherDead) : other,
  };
}

function seenOf(
  entries: readonly string[] = [],
  claims: readonly string[] = [],
  foreign?: readonly string[],
  areAllInForce = false,
  countsAtEnd = true,
): Seen {
  const principal = "arn:aws:iam::111122223333:role/dev";
  return {
    entries: entries.map((name, index) => ({
      content: known(contents, name),
      position: `${index + 1}`,
      isInForce: areAllInForce || index === entries.length - 1,
      countsAtEnd,
    })),
    claims: claims.map((owner) => ({ principal, id: known(claimIds, owner), owner })),
    ...(foreign !== undefined && { foreign: "EKS made it" }),
  };
}

const deaths = {
  recreated: { kind: "recreated", text: "the role was recreated" },
  absent: { kind: "absent", text: "IAM has no such role" },
} as const;

function asAccessEntries(seen: Seen, policies?: readonly string[], dead?: readonly string[]): Seen {
  const death = dead && known(deaths, dead[0] ?? "");
  return {
    ...seen,
    entries: seen.entries.map(({ countsAtEnd: _atEnd, ...entry }) => ({
      ...entry,
      isInForce: death === undefined,
      ...(death && { death }),
      ...(policies && { policies }),
    })),
  };
}

function known<T>(values: Readonly<Record<string, T>>, name: string): T {
  const found = Object.entries(values).find(([each]) => each === name);
  if (found === undefined) {
    throw new Error(`No ${name} is known`);
  }
  return found[1];
}

/** A decision in words: its kind, and each entry or claim that it writes, removes or reports. */
export function describeDecision(decision: Decision): string {
  if (decision.kind === "refused") {
    const { code, entries, claims, adoptHelps, reason } = decision;
    return words(
      `refused ${code}`,
      list("entries", entries),
      list("claims", claims),
      adoptHelps && "adopt helps",
      reason,
    );
  }
  const { kind, content, entry, restores, removes, drops, loses, shares, drift, adopts, notes } = decision;
  return words(
    `${kind} ${nameOfContent(content)}`,
    restores && `restores ${restores}`,
    entry && `at ${entry.position}`,
    list("removes", removes),
    list("drops", drops),
    list("names", loses),
    list("shares with", shares),
    drift &&
      `drift ${drift.kind === "changed" ? `${nameOfContent(drift.live)} to ${nameOfContent(drift.restores)}` : drift.kind}`,
    adopts && words("adopts", ...adopts.map(nameOfEntry)),
    ...notes.map((note) =>
      note.kind === "otherPlace"
        ? words(`warns of ${note.place}`, ...note.entries.map(nameOfEntry), list("of", note.claims))
        : note.kind === "severalEntries"
          ? `warns that ${nameOfEntry(note.counts)} of ${note.entries.length} counts`
          : note.kind === "foundIdentical"
            ? `tells of ${nameOfEntry(note.entry)}`
            : note.kind,
    ),
  );
}

/** A release in words. */
export function describeRelease(release: Release): string {
  if (release.kind === "refused") {
    const { code, place, previous, entries } = release;
    return words(`refused ${code} in ${place}: ${nameOfContent(previous)}`, list("entries", entries));
  }
  const { kind, removes, drops, notes } = release;
  return words(
    kind,
    list("removes", removes),
    list("drops", drops),
    ...notes.map((note) =>
      "entries" in note
        ? list(`notes ${note.kind}`, note.entries)
        : "claims" in note
          ? list(`notes ${note.kind}`, note.claims)
          : `notes ${note.kind}`,
    ),
  );
}

function nameOfContent(live: Content): string {
  return Object.entries(contents).find(([, content]) => sameContent(content, live))?.[0] ?? "unknown content";
}

function nameOfEntry({ content, position }: SeenEntry): string {
  return `${nameOfContent(content)}@${position}`;
}

function list(label: string, items: readonly (SeenEntry | Claim)[]): string | undefined {
  const names = items.map((item) => ("owner" in item ? item.owner : nameOfEntry(item)));
  return names.length === 0 ? undefined : `${label} ${names.join(" and ")}`;
}

function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part).join(", ");
}

interface Row<Cells> {
  readonly row: string;
  readonly when: When<Cells>;
}

/**
 * Breaks a row of a table: removes it, and each of its conditions in turn, and expects that a case fails. A wrong outcome in a row is
 * covered too, since the case that needs the row has another outcome. A condition that other rows imply may be removed.
 *
 * @param combinations all possible combinations of the columns' values.
 * @param isNoticed whether a case has another outcome with these rows, or throws because no row applies.
 */
export function expectNoticed<Cells extends object, R extends Row<Cells>>(
  rows: readonly R[],
  row: R,
  combinations: readonly Cells[],
  isNoticed: (rows: readonly R[]) => boolean,
): void {
  const notices = (broken: readonly R[]) => {
    try {
      return isNoticed(broken);
    } catch {
      return true;
    }
  };
  expect(notices(rows.filter((other) => other !== row)), "left out").toBe(true);
  const unnoticed = Object.keys(row.when).filter((name) => {
    const { [name]: _dropped, ...when }: Record<string, unknown> = { ...row.when };
    const broken = rows.map((other) => (other === row ? { ...row, when } : other));
    const differs = combinations.some((cells) => firstRow(broken, cells)?.row !== firstRow(rows, cells)?.row);
    return differs && !notices(broken);
  });
  expect(unnoticed, "conditions that are left out unnoticed").toEqual([]);
}

/** All combinations of some values of the columns; a column without values keeps that of the first argument. */
export function combinationsOf<Cells extends object>(
  one: Cells,
  values: { readonly [Name in keyof Cells]?: readonly Cells[Name][] },
): readonly Cells[] {
  let combinations = [one];
  for (const name in values) {
    combinations = combinations.flatMap((cells) => (values[name] ?? []).map((value) => ({ ...cells, [name]: value })));
  }
  return combinations;
}
