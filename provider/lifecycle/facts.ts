import type { Claim } from "../claims";
import { ignores } from "../mapping/ignored";
import { sameGroups } from "../mapping/mapping";
import { nodesGroup, superusers } from "../rbac/groups";
import { type Content, isClaimedBy, type Me, type SeenEntry, type Sight, seenIn, type Want } from "./types";

/** What the rows are told apart by: the columns of the table. */
export interface Cells {
  /** EKS made the entry, or no mapping has its type. */
  readonly foreign: boolean;
  readonly entries: "none" | "one" | "several";
  /** By ID, then by stem, which is mine only on some contents. */
  readonly claims: "none" | "mine" | "mineAndOthers" | "stem" | "others";
  /** The content in the state: none, what is wanted, or other content. */
  readonly previous: "none" | "wanted" | "other";
  /** Whether an entry has the content that is wanted. */
  readonly equal: boolean;
  readonly place: Sight["place"];
  readonly adopt: boolean;
  /** Whether the content that is wanted is that of nodes. */
  readonly nodes: boolean;
  /** Whether the other place, where the mapping is not stored, maps the principal to other content that is not mine. */
  readonly otherPlace: boolean;
}

/** All that a row's outcome is made of. */
export interface Facts {
  readonly cells: Cells;
  readonly previous: Content | undefined;
  readonly sight: Sight;
  readonly ignored: Ignored;
  /** The content to write: the declared one, with the live content of ignored properties. */
  readonly content: Content;
  /** The claims of earlier runs of this resource, by stem. */
  readonly earlier: readonly Claim[];
  readonly others: readonly Claim[];
}

/** Sorts what is there into the columns of the table. */
export function factsOf(want: Want, previous: Content | undefined, me: Me, sight: Sight): Facts {
  const { entries, claims, foreign } = sight.here;
  const ignored = ignoredOf(want.ignored, want.content, previous);
  const elsewhere = want.places.length === 1 ? [] : seenIn(sight.other).entries;
  const content = withLive(want.content, ignored, (entries.at(-1) ?? elsewhere.at(-1))?.content);
  const equal = entries.some((entry) => isSameContent(entry.content, content, ignored));
  // A claim by stem counts as mine on what killed runs of this resource leave, and as another owner's otherwise.
  const isGone = entries.length === 0 && previous !== undefined;
  const isMineByStem = equal || isGone || isUnfinished(content, sight);
  const isMine = isClaimedBy(sight.here, me.id);
  const notMine = claims.filter(({ id }) => id !== me.id);
  const earlier = notMine.filter(({ id }) => isMineByStem && id?.startsWith(`${me.stem}.`));
  const others = notMine.filter((claim) => !earlier.includes(claim));
  const theirs = others.length > 0;
  return {
    cells: {
      foreign: foreign !== undefined,
      entries: entries.length === 0 ? "none" : entries.length === 1 ? "one" : "several",
      claims: isMine ? (theirs ? "mineAndOthers" : "mine") : earlier.length > 0 ? "stem" : theirs ? "others" : "none",
      previous: previous === undefined ? "none" : isSameContent(previous, want.content) ? "wanted" : "other",
      equal,
      place: sight.place,
      adopt: want.adopt,
      nodes: content.groups.includes(nodesGroup),
      otherPlace: entriesElsewhere(want, me, sight, content).length > 0,
    },
    previous,
    sight,
    ignored,
    content,
    earlier,
    others,
  };
}

/** Whether the access entry of an administrator has no policy yet, which takes a second call: a killed create leaves it like that. */
function isUnfinished(content: Content, { place, here }: Sight): boolean {
  const [entry, ...more] = here.entries;
  const groups = content.groups.filter((group) => group !== superusers);
  const wantsAdministrator = groups.length < content.groups.length;
  const isAlone = place === "entries" && entry !== undefined && more.length === 0;
  return isAlone && wantsAdministrator && isSameContent(entry.content, { ...content, groups });
}

/** The properties of a content that are compared; the others are taken from what is live. */
export type Ignored = Readonly<Record<"username" | "groups", boolean>>;

/**
 * What `ignoreChanges` leaves out of comparisons. Where the program declares something else than the state has, the option names only
 * a part such as `groups[0]`, which the engine has kept already: then the property counts.
 */
export function ignoredOf(paths: readonly string[], declared: Content, previous: Content = declared): Ignored {
  return {
    username: ignores(paths, "username") && sameUsername(declared, previous),
    groups: ignores(paths, "groups") && sameGroups(declared.groups, previous.groups),
  };
}

/** A content with the live one's properties where they are ignored. */
function withLive({ username, groups }: Content, ignored: Ignored, live: Content | undefined): Content {
  return live === undefined
    ? { username, groups }
    : { username: ignored.username ? live.username : username, groups: ignored.groups ? live.groups : groups };
}

/** Whether a principal becomes the same user in the same groups, apart from what is ignored. */
export function isSameContent(a: Content, b: Content, ignored: Ignored = nothingIgnored): boolean {
  return (ignored.username || sameUsername(a, b)) && (ignored.groups || sameGroups(a.groups, b.groups));
}

/** The entries of the other place, if the one that counts there has other content that is not mine, and this mapping is not stored there. */
function entriesElsewhere({ places }: Want, me: Me, { place, other }: Sight, content: Content): readonly SeenEntry[] {
  const { entries } = seenIn(other);
  const counts = entries.at(-1);
  const isStored = places.some((name) => name !== place) || isClaimedBy(other, me.id);
  return counts === undefined || isStored || isSameContent(counts.content, content) ? [] : entries;
}

const nothingIgnored: Ignored = { username: false, groups: false };

function sameUsername(a: Content, b: Content): boolean {
  return (a.username ?? "") === (b.username ?? "");
}
