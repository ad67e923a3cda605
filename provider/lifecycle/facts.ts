import { type Claim, hasStemOf } from "../claims";
import { type Content, type Ignored, ignores, isForNodes, sameContent, sameGroups, superusers } from "../mapping";
import { isClaimedBy, isMine, type Me, type SeenEntry, type Sight, seenOrNothing, type Want } from "./types";

export interface Cells {
  /** EKS created the entry, or its type is not that of any mapping. */
  readonly foreign: boolean;
  readonly entries: "none" | "one" | "several";
  /** By ID, then by stem, which is treated as mine only for some contents. */
  readonly claims: "none" | "mine" | "mineAndOthers" | "stem" | "others";
  /** The content in the state: none, the wanted content, or another. */
  readonly previous: "none" | "wanted" | "other";
  /** Whether an entry has the wanted content. */
  readonly equal: boolean;
  /** Why the access entry grants no access. */
  readonly dead: "no" | "recreated" | "absent";
  /** Whether the entry has access policies of others. */
  readonly policies: boolean;
  /**
   * Of several entries: whether the one in force has the wanted content, an access entry with it overrides them all, one of them would be in
   * force at the end of its list, or none of these.
   */
  readonly counts: "wanted" | "accessEntry" | "atEnd" | "other";
  readonly place: Sight["place"];
  readonly adopt: boolean;
  readonly nodes: boolean;
  /** Whether the other place, where the mapping is not stored, maps the principal to other content that this resource does not own. */
  readonly otherPlace: boolean;
  /** What the access entry of the principal does to a mapping in aws-auth that is not stored in access entries. */
  readonly accessEntry: "none" | "overrides" | "dead" | "policies";
}

export interface Facts {
  readonly cells: Cells;
  readonly previous: Content | undefined;
  readonly sight: Sight;
  /** The properties that comparisons ignore; their live values are kept. */
  readonly ignored: Ignored;
  /** The content to write: the declared one, with the live values of ignored properties. */
  readonly content: Content;
  /** The claims of this resource from before a rename. */
  readonly renamed: readonly Claim[];
  /** The claims of earlier runs of this resource, by stem. */
  readonly earlier: readonly Claim[];
  readonly others: readonly Claim[];
  readonly me: Me;
}

export function factsOf(want: Want, previous: Content | undefined, me: Me, sight: Sight): Facts {
  const { entries, claims, foreign } = sight.here;
  const ignored = ignoredOf(want.ignored, want.content, previous);
  const elsewhere = want.places.length === 1 ? [] : seenOrNothing(sight.other).entries;
  const last = entries.at(-1);
  const dead = last?.death?.kind ?? "no";
  // What EKS shows of an entry that is created again does not matter.
  const live = dead === "recreated" ? previous : (last ?? elsewhere.at(-1))?.content;
  const content = withLive(want.content, ignored, live);
  const equal = entries.some((entry) => sameContent(entry.content, content, ignored));
  // A claim by stem is mine on entries that an interrupted run of this resource leaves, and without an entry; otherwise it is another owner's.
  const isMineByStem = equal || entries.length === 0 || isUnfinished(content, sight);
  const mine = claims.filter((claim) => isMine(claim, me));
  const renamed = mine.filter(({ id }) => id !== me.id);
  const owns = mine.length > 0;
  const notMine = claims.filter((claim) => !mine.includes(claim));
  const earlier = notMine.filter((claim) => isMineByStem && hasStemOf(claim, me.id));
  const others = notMine.filter((claim) => !earlier.includes(claim));
  const theirs = others.length > 0;
  return {
    cells: {
      foreign: foreign !== undefined,
      entries: entries.length === 0 ? "none" : entries.length === 1 ? "one" : "several",
      claims: owns ? (theirs ? "mineAndOthers" : "mine") : earlier.length > 0 ? "stem" : theirs ? "others" : "none",
      previous: previous === undefined ? "none" : sameContent(previous, want.content) ? "wanted" : "other",
      equal,
      dead,
      policies: (last?.policies ?? []).length > 0,
      counts: countsOf(sight, content, ignored),
      place: sight.place,
      adopt: want.adopt,
      nodes: isForNodes(content),
      otherPlace: entriesElsewhere(want, me, sight, content).length > 0,
      accessEntry: accessEntryElsewhere(want, sight),
    },
    previous,
    sight,
    ignored,
    content,
    renamed,
    earlier,
    others,
    me,
  };
}

/** Which of several entries decides the login, compared with the wanted content. */
function countsOf({ here, other, place }: Sight, content: Content, ignored: Ignored): Cells["counts"] {
  const isWanted = (entry: SeenEntry) => sameContent(entry.content, content, ignored);
  const counting = here.entries.filter(({ isInForce }) => isInForce);
  const living = place === "map" ? seenOrNothing(other).entries.filter(({ isInForce }) => isInForce) : [];
  if (counting.every(isWanted)) {
    return "wanted";
  }
  if (living.length > 0 && living.every(isWanted)) {
    return "accessEntry";
  }
  return here.entries.some((entry) => entry.countsAtEnd === true && isWanted(entry)) ? "atEnd" : "other";
}

function accessEntryElsewhere({ places }: Want, { place, other }: Sight): Cells["accessEntry"] {
  const [entry] = place === "map" && !places.includes("entries") ? seenOrNothing(other).entries.slice(-1) : [];
  if (entry === undefined) {
    return "none";
  }
  return entry.death !== undefined ? "dead" : (entry.policies ?? []).length > 0 ? "policies" : "overrides";
}

/** Whether an administrator's access entry has no policy yet: an interrupted create leaves it so, since the policy is a second call. */
function isUnfinished(content: Content, { place, here }: Sight): boolean {
  const [entry, ...more] = here.entries;
  const groups = content.groups.filter((group) => group !== superusers);
  const wantsAdministrator = groups.length < content.groups.length;
  const isAlone = place === "entries" && entry !== undefined && more.length === 0;
  return isAlone && wantsAdministrator && sameContent(entry.content, { ...content, groups });
}

/**
 * What `ignoreChanges` excludes from comparisons. If the program declares a different value than the state, the option
 * covers only a part such as `groups[0]`, whose old value the engine has already kept, so the property is compared.
 */
export function ignoredOf(paths: readonly string[], declared: Content, previous: Content = declared): Ignored {
  return {
    username: ignores(paths, "username") && declared.username === previous.username,
    groups: ignores(paths, "groups") && sameGroups(declared.groups, previous.groups),
  };
}

/** The content with live values for ignored properties. */
function withLive({ username, groups }: Content, ignored: Ignored, live: Content | undefined): Content {
  return live === undefined
    ? { username, groups }
    : { username: ignored.username ? live.username : username, groups: ignored.groups ? live.groups : groups };
}

/** The entries of the other place, if this mapping is not stored there and the entry in force there has other content and is not mine. */
function entriesElsewhere({ places }: Want, me: Me, { place, other }: Sight, content: Content): readonly SeenEntry[] {
  const { entries } = seenOrNothing(other);
  const isStored = places.some((name) => name !== place) || isClaimedBy(other, me);
  const counting = entries.filter(({ isInForce }) => isInForce);
  return isStored || counting.every((entry) => sameContent(entry.content, content)) ? [] : entries;
}

/** A condition on the columns of a table: each listed column has one of the values. */
export type When<Cells> = { readonly [Name in keyof Cells]?: readonly Cells[Name][] };

export function firstRow<Cells extends object, Row extends { readonly when: When<Cells> }>(
  rows: readonly Row[],
  cells: Cells,
): Row | undefined {
  return rows.find(({ when }) => {
    for (const name in when) {
      if (when[name]?.includes(cells[name]) === false) {
        return false;
      }
    }
    return true;
  });
}
