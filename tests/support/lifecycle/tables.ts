import { expect } from "vitest";
import type { Claim } from "../../../provider/claims.ts";
import { type Facts, factsOf, firstRow, isSameContent, type When } from "../../../provider/lifecycle/facts.ts";
import { type ReleaseFacts, releaseFactsOf } from "../../../provider/lifecycle/release.ts";
import type { Content, Decision, Me, PlaceName, Release, Seen, SeenEntry } from "../../../provider/lifecycle/types.ts";

/** `dev` and `ops` are users of one group; `nodes` is what nodes need. */
const contents: Readonly<Record<string, Content>> = {
  dev: { username: "dev", groups: ["viewers"] },
  ops: { username: "ops", groups: ["viewers"] },
  devRenamed: { username: "renamed", groups: ["viewers"] },
  admin: { username: "admin", groups: ["system:masters"] },
  adminUnfinished: { username: "admin", groups: [] },
  nodes: { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] },
};

const me: Me = { id: "mystem00.000001", stem: "mystem00", owner: "infra/prod dev" };

/** `mine` has my ID, `stem` my stem, `other` neither, and `unreadable` is a line that cannot be parsed. */
const claimIds: Readonly<Record<string, string | undefined>> = {
  mine: "mystem00.000001",
  stem: "mystem00.000002",
  other: "theirs00.000001",
  unreadable: undefined,
};

const columns = [
  ...["place", "entries", "claims", "foreign", "other", "other.entries", "other.claims", "other.foreign"],
  ...["previous", "want", "adopt", "ignored", "places"],
  ...["cluster", "successorFailed", "imported"],
] as const;

type There = { readonly [Column in (typeof columns)[number]]?: string };

/**
 * The cases of a table: what is there, `column=value,value column`, and the outcome in words. The place is the map unless named, the
 * program wants `dev`, the mapping is stored in the place alone, and a column that is left out is empty.
 */
export function casesOf<F>(table: Readonly<Record<string, string>>, factsOf: (there: string) => F) {
  return Object.entries(table).map(([title, text]) => {
    const [there = "", outcome = ""] = text.split("=> ");
    return { title, facts: factsOf(there), outcome };
  });
}

function parse(text: string): There {
  const words = text.split(" ").filter((word) => word !== "");
  const there = Object.fromEntries(words.map((word) => [word.split("=")[0], word.split("=")[1] ?? ""]));
  expect(columns).toEqual(expect.arrayContaining(Object.keys(there)));
  return there;
}

export function decideFacts(text: string): Facts {
  const there = parse(text);
  const { previous, want = "dev", adopt, ignored } = there;
  const content = known(contents, want);
  return factsOf(
    { content, adopt: adopt !== undefined, ignored: split(ignored), places: placesOf(there) },
    previous === undefined ? undefined : known(contents, previous),
    me,
    sightOf(there),
  );
}

/** The facts of a delete of `dev`, which the state has with a claim unless it was `imported`. */
export function releaseFacts(text: string): ReleaseFacts {
  const there = parse(text);
  const leaving = {
    previous: known(contents, "dev"),
    ignored: split(there.ignored),
    places: placesOf(there),
    hasFailedSuccessor: there.successorFailed !== undefined,
    clusterMode: there.cluster === "API" ? there.cluster : undefined,
  };
  return releaseFactsOf(leaving, there.imported === undefined ? me.id : undefined, sightOf(there));
}

function placesOf({ place = "map", places = place }: There): readonly PlaceName[] {
  return split(places).map((name) => (name === "entries" ? name : "map"));
}

function sightOf(there: There) {
  const { place, other, "other.entries": otherEntries, "other.claims": otherClaims, "other.foreign": otherForeign } = there;
  return {
    place: place === "entries" ? place : "map",
    here: seenOf(there.entries, there.claims, there.foreign),
    other: other === "unknown" ? other : seenOf(otherEntries, otherClaims, otherForeign),
  } as const;
}

function seenOf(entries: string | undefined, claims: string | undefined, foreign: string | undefined): Seen {
  const principal = "arn:aws:iam::111122223333:role/dev";
  return {
    entries: split(entries).map((name, index) => ({ content: known(contents, name), position: `${index + 1}` })),
    claims: split(claims).map((owner) => ({ principal, id: known(claimIds, owner), owner })),
    ...(foreign !== undefined && { foreign: "EKS made it" }),
  };
}

function split(names = ""): readonly string[] {
  return names.split(",").filter((name) => name !== "");
}

function known<T>(values: Readonly<Record<string, T>>, name: string): T {
  expect(Object.keys(values)).toContain(name);
  return values[name] as T;
}

/** What a text is, or why there is none. */
export function tried(text: () => string): string {
  try {
    return text();
  } catch (error) {
    return String(error);
  }
}

/** A decision in words: its kind, and each thing that it writes, drops or reports. */
export function describeDecision(decision: Decision): string {
  if (decision.kind === "refused") {
    const { code, entries, claims, adoptHelps, reason } = decision;
    return words(
      `refused ${code}`,
      list("entries", entries.map(nameOfEntry)),
      list("claims", claims.map(nameOfClaim)),
      adoptHelps && "adopt helps",
      reason,
    );
  }
  const { kind, content, entry, removes, drops, loses, shares, drift, adopts, notes } = decision;
  return words(
    `${kind} ${nameOfContent(content)}`,
    entry && `at ${entry.position}`,
    list("removes", removes.map(nameOfEntry)),
    list("drops", drops.map(nameOfClaim)),
    list("names", loses.map(nameOfClaim)),
    list("shares with", shares.map(nameOfClaim)),
    drift &&
      `drift ${drift.kind === "changed" ? `${nameOfContent(drift.live)} to ${nameOfContent(drift.restores)}` : drift.kind}`,
    adopts && words("adopts", ...adopts.map(nameOfEntry)),
    ...notes.map((note) =>
      note.kind === "otherPlace"
        ? words(`warns of ${note.place}`, ...note.entries.map(nameOfEntry), list("of", note.claims.map(nameOfClaim)))
        : note.kind === "severalEntries"
          ? `warns that ${nameOfEntry(note.counts)} of ${note.entries.length} counts`
          : `tells of ${nameOfEntry(note.entry)}`,
    ),
  );
}

/** A release in words. */
export function describeRelease(release: Release): string {
  if (release.kind === "refused") {
    const { code, place, previous, entries } = release;
    return words(`refused ${code} in ${place}: ${nameOfContent(previous)}`, list("entries", entries.map(nameOfEntry)));
  }
  const { kind, removes, drops, notes } = release;
  return words(
    kind,
    list("removes", removes.map(nameOfEntry)),
    list("drops", drops.map(nameOfClaim)),
    ...notes.map((note) =>
      "entries" in note
        ? list(`notes ${note.kind}`, note.entries.map(nameOfEntry))
        : "claims" in note
          ? list(`notes ${note.kind}`, note.claims.map(nameOfClaim))
          : `notes ${note.kind}`,
    ),
  );
}

function nameOfContent(live: Content): string {
  return Object.entries(contents).find(([, content]) => isSameContent(content, live))?.[0] ?? "unknown content";
}

function nameOfEntry({ content, position }: SeenEntry): string {
  return `${nameOfContent(content)}@${position}`;
}

function nameOfClaim({ owner }: Claim): string {
  return owner;
}

function list(label: string, names: readonly string[]): string | undefined {
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
 * Breaks a row of a table: leaves it out, and each of its conditions in turn. A wrong outcome of a row is noticed by the case that it
 * decides, which leaving it out shows. A condition that other rows imply may be left out.
 *
 * @param combinations all values that the columns can have together.
 * @param isNoticed whether a case has another outcome with these rows.
 */
export function expectNoticed<Cells extends object, R extends Row<Cells>>(
  rows: readonly R[],
  row: R,
  combinations: readonly Cells[],
  isNoticed: (rows: readonly R[]) => boolean,
): void {
  expect(isNoticed(rows.filter((other) => other !== row)), "left out").toBe(true);
  const unnoticed = Object.keys(row.when).filter((name) => {
    const { [name]: _dropped, ...when }: Record<string, unknown> = { ...row.when };
    const broken = rows.map((other) => (other === row ? { ...row, when } : other));
    const differs = combinations.some((cells) => firstRow(broken, cells)?.row !== firstRow(rows, cells)?.row);
    return differs && !isNoticed(broken);
  });
  expect(unnoticed, "conditions that are left out unnoticed").toEqual([]);
}

/** All combinations of some values of each column. */
export function combinationsOf<Cells extends object>(
  one: Cells,
  values: { readonly [Name in keyof Cells]: readonly Cells[Name][] },
): readonly Cells[] {
  let combinations = [one];
  for (const name in values) {
    combinations = combinations.flatMap((cells) => values[name].map((value) => ({ ...cells, [name]: value })));
  }
  return combinations;
}
