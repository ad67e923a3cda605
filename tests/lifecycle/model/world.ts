import type { Claim } from "../../../provider/claims.ts";
import type {
  Accepted,
  AcceptedRelease,
  Content,
  Me,
  PlaceName,
  Seen,
  Sight,
} from "../../../provider/lifecycle/types.ts";

/** The principal of all stories. */
export const principal = "arn:aws:iam::111122223333:role/dev";

interface LiveEntry {
  readonly content: Content;
  /** Whether a stack made it or took it over, so that a stack has to remove it. */
  readonly isOwned: boolean;
}

/** A process that was killed at a call. */
export class Killed extends Error {}

/** At which call of a run it is killed, and whether the call had its effect. */
export interface Kill {
  readonly call: number;
  readonly isAfter: boolean;
}

/** One principal of a cluster in mode `API_AND_CONFIG_MAP`: what both places have of it, and the calls that change it. */
export class World {
  #map: { readonly entries: readonly LiveEntry[]; readonly claims: readonly Claim[] } = { entries: [], claims: [] };
  #entry: LiveEntry | undefined;
  #tag: Claim | undefined;
  #calls = 0;
  #kill: Kill | undefined;
  /** Called after each call. */
  onCall: () => void = () => {};

  /** Begins the calls of another run. */
  begin(kill: Kill | undefined): void {
    this.#calls = 0;
    this.#kill = kill;
  }

  seen(place: PlaceName): Seen {
    const [entries, claims] =
      place === "map"
        ? [this.#map.entries, this.#map.claims]
        : [this.#entry === undefined ? [] : [this.#entry], this.#tag === undefined ? [] : [this.#tag]];
    return { entries: entries.map(({ content }, index) => ({ content, position: `${index}` })), claims };
  }

  sight(place: PlaceName): Sight {
    return { place, here: this.seen(place), other: this.seen(place === "map" ? "entries" : "map") };
  }

  /** What the principal becomes: an access entry takes precedence, and the last entry of the map counts. */
  effective(): Content | undefined {
    return (this.#entry ?? this.#map.entries.at(-1))?.content;
  }

  /** What stacks have left behind. */
  leftovers(): readonly (Content | Claim)[] {
    const entries = [...this.#map.entries, ...(this.#entry === undefined ? [] : [this.#entry])];
    const owned = entries.filter(({ isOwned }) => isOwned).map(({ content }) => content);
    return [...owned, ...this.#map.claims, ...(this.#tag === undefined ? [] : [this.#tag])];
  }

  write(place: PlaceName, decision: Accepted, { id, owner }: Me): void {
    const claim: Claim = { principal, id, owner };
    if (decision.kind === "same") {
      return;
    }
    const written: LiveEntry = { content: decision.content, isOwned: true };
    if (place === "map") {
      this.#call(() => this.#writeMap(decision, written, claim));
    } else if (decision.kind === "add") {
      this.#call(() => {
        this.#entry = written;
        this.#tag = claim;
      });
    } else {
      if (this.#tag?.id !== id) {
        this.#call(() => {
          this.#tag = claim;
          this.#entry &&= { ...this.#entry, isOwned: true };
        });
      }
      if (decision.kind === "write") {
        this.#call(() => {
          this.#entry = written;
        });
      }
    }
  }

  release(place: PlaceName, { kind, removes, drops, notes }: AcceptedRelease): void {
    if (kind === "nothing") {
      if (notes.some((note) => note.kind === "left")) {
        // A person was told, and has to remove it.
        this.#map = { ...this.#map, entries: this.#map.entries.map((entry) => ({ ...entry, isOwned: false })) };
      }
      return;
    }
    const removed = new Set(removes.map(({ position }) => position));
    this.#call(() => {
      if (place === "map") {
        const entries = withoutEntries(this.#map.entries, removed);
        this.#map = { entries, claims: this.#map.claims.filter((claim) => !drops.includes(claim)) };
      } else {
        this.#entry = kind === "remove" ? undefined : this.#entry;
        this.#tag = undefined;
      }
    });
  }

  /** A hand edits the entry that counts in a place, if there is one. */
  edit(place: PlaceName, content: Content): void {
    if (place === "map") {
      const { entries } = this.#map;
      this.#map = {
        ...this.#map,
        entries: entries.map((entry, index) => (index === entries.length - 1 ? { ...entry, content } : entry)),
      };
    } else {
      this.#entry &&= { ...this.#entry, content };
    }
  }

  /** A hand adds an entry: another one in the map. */
  add(place: PlaceName, content: Content): void {
    const entry: LiveEntry = { content, isOwned: false };
    if (place === "map") {
      this.#map = { ...this.#map, entries: [...this.#map.entries, entry] };
    } else {
      this.#entry ??= entry;
    }
  }

  /** A hand removes what the principal has in a place; the annotation stays, and a tag goes with its entry. */
  remove(place: PlaceName): void {
    if (place === "map") {
      this.#map = { ...this.#map, entries: [] };
    } else {
      this.#entry = undefined;
      this.#tag = undefined;
    }
  }

  /** `kubectl replace` with a file that has no annotation, or a script that replaces all tags. */
  dropClaims(place: PlaceName): void {
    if (place === "map") {
      this.#map = { ...this.#map, claims: [] };
    } else {
      this.#tag = undefined;
    }
  }

  #writeMap({ kind, entry, removes, drops }: Accepted, written: LiveEntry, claim: Claim): void {
    const gone = new Set(removes.map(({ position }) => position));
    const edited = this.#map.entries.map((each, index) =>
      `${index}` === entry?.position ? (kind === "write" ? written : { ...each, isOwned: true }) : each,
    );
    const kept = edited.filter((_, index) => !gone.has(`${index}`));
    const claims = this.#map.claims.filter((each) => each.id !== claim.id && !drops.includes(each));
    this.#map = { entries: kind === "add" ? [...kept, written] : kept, claims: [...claims, claim] };
  }

  #call(effect: () => void): void {
    this.#calls += 1;
    const isKilled = this.#kill?.call === this.#calls;
    if (isKilled && this.#kill?.isAfter === false) {
      throw new Killed();
    }
    effect();
    this.onCall();
    if (isKilled) {
      throw new Killed();
    }
  }
}

/** A delete that takes the entry of a hand for its own, since it has the content of the state, leaves its own one, and reports that. */
function withoutEntries(entries: readonly LiveEntry[], removed: ReadonlySet<string>): readonly LiveEntry[] {
  const kept = entries.filter((_, index) => !removed.has(`${index}`));
  const hasFoundOne = entries.some(({ isOwned }, index) => removed.has(`${index}`) && !isOwned);
  return hasFoundOne ? kept.map((entry) => ({ ...entry, isOwned: false })) : kept;
}
