import type { Claim } from "../../provider/claims.ts";
import { type Facts, factsOf, isSameContent } from "../../provider/lifecycle/facts.ts";
import { type ReleaseFacts, releaseFactsOf } from "../../provider/lifecycle/release.ts";
import type {
  Content,
  Decision,
  Leave,
  Me,
  PlaceName,
  Release,
  Seen,
  SeenEntry,
  View,
} from "../../provider/lifecycle/types.ts";

const principal = "arn:aws:iam::111122223333:role/dev";

/** `dev` and `ops` are users of one group; `nodes` is what nodes need. */
export type ContentName = "dev" | "ops" | "devRenamed" | "nodes" | "admin" | "adminUnfinished";

const contents: Readonly<Record<ContentName, Content>> = {
  dev: { username: "dev", groups: ["viewers"] },
  ops: { username: "ops", groups: ["viewers"] },
  devRenamed: { username: "renamed", groups: ["viewers"] },
  admin: { username: "admin", groups: ["system:masters"] },
  adminUnfinished: { username: "admin", groups: [] },
  nodes: { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] },
};

const me: Me = { id: "mystem00.000001", stem: "mystem00", owner: "infra/prod dev" };

/** `mine` has my ID, `stem` my stem, `other` neither, and `unreadable` is a line that cannot be parsed. */
type ClaimName = "mine" | "stem" | "other" | "unreadable";

const claimIds: Readonly<Record<ClaimName, string | undefined>> = {
  mine: "mystem00.000001",
  stem: "mystem00.000002",
  other: "theirs00.000001",
  unreadable: undefined,
};

interface Place {
  readonly entries?: readonly ContentName[];
  readonly claims?: readonly ClaimName[];
  readonly foreign?: string;
}

/** One case of a table: what is there, and the outcome in words. */
export interface DecideCase extends Place {
  readonly title: string;
  readonly place?: PlaceName;
  /** Default: nothing. */
  readonly other?: Place | "unknown";
  /** Default: not in the state. */
  readonly previous?: ContentName;
  /** Default: `dev`. */
  readonly want?: ContentName;
  readonly adopt?: boolean;
  readonly ignored?: readonly string[];
  /** Default: the place alone. */
  readonly places?: readonly PlaceName[];
  readonly outcome: string;
}

export function decideFacts(given: DecideCase): Facts {
  const { place = "map", previous, want = "dev", adopt = false, ignored = [], places = [place], other = {} } = given;
  return factsOf({ content: contents[want], adopt, ignored, places }, previous && contents[previous], me, {
    place,
    here: seenOf(given),
    other: viewOf(other),
  });
}

export interface ReleaseCase extends Place {
  readonly title: string;
  readonly place?: PlaceName;
  readonly other?: Place | "unknown";
  /** Whether the state has a claim. Default: true. */
  readonly isClaimed?: boolean;
  /** Default: the place alone. */
  readonly places?: readonly PlaceName[];
  readonly ignored?: readonly string[];
  readonly hasFailedSuccessor?: boolean;
  readonly clusterMode?: Leave["clusterMode"];
  readonly outcome: string;
}

/** The facts of a delete of `dev`. */
export function releaseFacts(given: ReleaseCase): ReleaseFacts {
  const {
    place = "map",
    other = {},
    isClaimed = true,
    places = [place],
    ignored = [],
    hasFailedSuccessor = false,
  } = given;
  const leaving: Leave = {
    previous: contents.dev,
    ignored,
    places,
    hasFailedSuccessor,
    clusterMode: given.clusterMode,
  };
  return releaseFactsOf(leaving, isClaimed ? me.id : undefined, { place, here: seenOf(given), other: viewOf(other) });
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

function seenOf({ entries = [], claims = [], foreign }: Place): Seen {
  return {
    entries: entries.map((name, index) => ({ content: contents[name], position: `${index + 1}` })),
    claims: claims.map((name): Claim => ({ principal, id: claimIds[name], owner: name })),
    ...(foreign !== undefined && { foreign }),
  };
}

function viewOf(place: Place | "unknown"): View {
  return place === "unknown" ? place : seenOf(place);
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
