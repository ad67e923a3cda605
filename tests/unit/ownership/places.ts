import {
  type AccessEntryContent,
  type LiveAccessEntry,
  planAccessEntry,
  planAccessEntryRemoval,
  replaceTagClaims,
} from "../../../provider/accessEntries/index.ts";
import {
  type AwsAuthDocument,
  appendEntry,
  claimsOf,
  dropClaims,
  entriesOf,
  parseDocument,
  removeEntry,
  updateEntry,
} from "../../../provider/document/index.ts";
import { applyPlan } from "../../../provider/lifecycle/places/mapEdit.ts";
import { type Intent, planEntry, planRemoval } from "../../../provider/lifecycle/places/mapPlan.ts";
import type { ArnMapping } from "../../../provider/mapping/index.ts";
import {
  type Claim,
  type Contents,
  isInConflict,
  planEntries,
  planEntryRemoval,
  type Slot,
  standingOf,
} from "../../../provider/ownership/index.ts";
import { live, says as saysInEntry } from "../accessEntries/support.ts";

/** A resource: what its state says of it. */
export interface Actor {
  readonly id: string;
  /** What it last wrote; undefined before it is created. */
  has?: string | undefined;
  isMade?: boolean;
}

/** What a write may say. */
export interface Options {
  readonly adopt?: boolean;
  readonly noDuplicateARNs?: boolean;
  /** What other resources of the run want. */
  readonly declared?: readonly string[];
}

/** A place where mappings of one principal are kept, whose contents are words. */
export interface TestPlace {
  /** Whether a principal has one entry at most. */
  readonly isSingle: boolean;
  /** Whether an entry that was found stays when its resource goes. */
  readonly leavesFound: boolean;
  /** The contents that are there. */
  contents(): readonly string[];
  /** The IDs of the claims, with `:found`. */
  claims(): readonly string[];
  /** Somebody adds an entry by hand. */
  put(content: string): void;
  /** Somebody changes an entry by hand. */
  edit(from: string, to: string): void;
  /** Somebody removes an entry by hand, and leaves the claims as far as the place has them elsewhere. */
  drop(content: string): void;
  /** Somebody removes all claims. */
  forget(): void;
  /** Creates or updates. What happened, in a word; nothing if it was refused. */
  write(actor: Actor, content: string, options?: Options): string;
  /** Deletes. */
  leave(actor: Actor, options?: Options): string;
}

const flags = { noDuplicateARNs: true, adopt: false, ignored: [], declared: [] };

/** The simplest one: a list, which has as many entries for a principal as one likes. */
export class MemoryPlace implements TestPlace {
  readonly isSingle = false;
  readonly leavesFound = false;
  #slots: Slot<string, Claim>[] = [];
  #left: Claim[] = [];

  readonly #contents: Contents<Slot<string, Claim>, string, Claim> = {
    isSingle: false,
    says: ({ entry }, content) => entry === content,
    areEqual: (a, b) => a.entry === b.entry,
    withIgnored: (content) => content,
    isWhole: () => true,
    isSatisfied: () => false,
  };

  contents() {
    return this.#slots.map(({ entry }) => entry);
  }

  claims() {
    return this.#all().map(shown);
  }

  put(content: string) {
    this.#slots.push({ entry: content, counts: true, claims: [] });
  }

  edit(from: string, to: string) {
    // A claim is on what an entry says.
    this.drop(from);
    this.put(to);
  }

  drop(content: string) {
    this.#left.push(...this.#slots.filter(({ entry }) => entry === content).flatMap(({ claims }) => claims));
    this.#slots = this.#slots.filter(({ entry }) => entry !== content);
  }

  forget() {
    this.#left = [];
    this.#slots = this.#slots.map((slot) => ({ ...slot, claims: [] }));
  }

  write(actor: Actor, content: string, options: Options = {}) {
    const claimant = { id: actor.id };
    const wish = { ...flags, ...options, desired: content, previous: actor.has, claimant, isMade: true };
    const plan = planEntries(this.#places(), this.#all(), wish, this.#contents);
    const refusal = refusalOf(plan, isInConflict(plan, wish));
    if (refusal !== undefined) {
      return refusal;
    }
    const gone = new Set([...plan.removes, ...(plan.own === undefined ? [] : [plan.own])]);
    const ended = plan.replaced;
    const kept = (plan.own?.claims ?? []).filter((claim) => !ended.includes(claim));
    this.#left = this.#left.filter((claim) => !ended.includes(claim));
    const rest = this.#slots.filter((slot) => !gone.has(slot)).map((slot) => without(slot, ended));
    const own = { id: actor.id, isFound: plan.isFound, label: actor.id };
    // Claims on what the entry said before are on nothing any more.
    const [stay, stranded] = plan.isEqual ? [kept, []] : [[], kept];
    this.#left.push(...stranded);
    this.#slots = [...rest, { entry: content, counts: true, claims: [...stay, own] }];
    actor.has = content;
    return plan.own === undefined ? "made" : plan.isEqual ? "kept" : "changed";
  }

  leave(actor: Actor, options: Options = {}) {
    const leave = { ...flags, ...options, previous: actor.has ?? "", claimant: { id: actor.id } };
    const { kind, entry, standing } = planEntryRemoval(this.#places(), this.#all(), leave, this.#contents);
    if (kind === "changed" || kind === "inherited") {
      return kind;
    }
    const gone = [...standing.own, ...standing.earlier];
    this.#left = this.#left.filter((claim) => !gone.includes(claim));
    this.#slots = this.#slots
      .filter((other) => kind !== "remove" || other !== entry)
      .map((other) => without(other, gone));
    return kind;
  }

  /** Two entries of the same content are two. */
  #places(): readonly Slot<Slot<string, Claim>, Claim>[] {
    return this.#slots.map((slot) => ({ ...slot, entry: slot }));
  }

  #all(): Claim[] {
    return [...this.#slots.flatMap(({ claims }) => claims), ...this.#left];
  }
}

/** kube-system/aws-auth with its record of claims. */
export class MapPlace implements TestPlace {
  readonly isSingle = false;
  readonly leavesFound = false;
  #document: AwsAuthDocument = parseDocument({ mapRoles: "[]\n" });

  contents() {
    return entriesOf(this.#document).map(({ username }) => username);
  }

  claims() {
    return claimsOf(this.#document).map(shown);
  }

  put(content: string) {
    this.#document = appendEntry(this.#document, mappingOf(content)).document;
  }

  edit(from: string, to: string) {
    this.#document = updateEntry(this.#document, this.#entry(from), mappingOf(to)).document;
  }

  drop(content: string) {
    this.#document = removeEntry(this.#document, this.#entry(content));
  }

  forget() {
    this.#document = dropClaims(this.#document, claimsOf(this.#document));
  }

  write(actor: Actor, content: string, options: Options = {}) {
    const previous = actor.has === undefined ? undefined : mappingOf(actor.has);
    const intent = { ...intentOf(options), desired: mappingOf(content), previous, claimant: { id: actor.id } };
    const plan = planEntry(this.#document, intent);
    const refusal = refusalOf(plan, isInConflict(plan, intent));
    if (refusal !== undefined) {
      return refusal;
    }
    const claim = { id: actor.id, label: actor.id, isFound: plan.isFound };
    this.#document = applyPlan(this.#document, plan, intent, claim).document;
    actor.has = content;
    return plan.own === undefined ? "made" : plan.inSync ? "kept" : "changed";
  }

  leave(actor: Actor, options: Options = {}) {
    const previous = mappingOf(actor.has ?? "");
    const removal = planRemoval(this.#document, { ...intentOf(options), previous, claimant: { id: actor.id } });
    const { kind, standing } = removal;
    if (kind === "changed" || kind === "inherited") {
      return kind;
    }
    const unclaimed = dropClaims(this.#document, [...standing.own, ...standing.earlier]);
    this.#document = kind === "remove" ? removeEntry(unclaimed, removal.entry) : unclaimed;
    return kind;
  }

  #entry(content: string) {
    const entry = entriesOf(this.#document).findLast(({ username }) => username === content);
    if (entry === undefined) {
      throw new Error(`there is no entry ${content}`);
    }
    return entry;
  }
}

/** An access entry with its tags. */
export class AccessEntryPlace implements TestPlace {
  readonly isSingle = true;
  readonly leavesFound = true;
  #live: LiveAccessEntry | undefined;

  contents() {
    return this.#live === undefined ? [] : [this.#live.username];
  }

  claims() {
    const standing = standingOf(this.#claims(), { id: undefined });
    return standing.others.map(shown);
  }

  put(content: string) {
    this.#live = live({ username: content });
  }

  edit(_from: string, to: string) {
    this.#live = this.#live && { ...this.#live, username: to };
  }

  drop() {
    this.#live = undefined;
  }

  forget() {
    this.#live = this.#live && { ...this.#live, tags: {} };
  }

  write(actor: Actor, content: string, options: Options = {}) {
    const plan = planAccessEntry(this.#live, {
      desired: contentOf(content),
      previous: actor.has === undefined ? undefined : contentOf(actor.has),
      adopt: options.adopt === true,
      ignored: [],
      claimant: { id: actor.id },
      declared: (options.declared ?? []).map(contentOf),
      isMade: actor.isMade === true,
      principalCreatedAt: undefined,
    });
    if (plan.kind === "conflict" || plan.kind === "held" || plan.kind === "takenOver") {
      return plan.kind;
    }
    const isNew = plan.kind === "create";
    const isFound = isNew || plan.kind === "recreate" ? false : plan.isFound;
    const claim = { id: actor.id, label: actor.id, isFound };
    const { tags } = replaceTagClaims(this.#live?.tags ?? {}, isNew ? [] : plan.replaced, claim);
    this.#live = live({ ...plan.wanted, username: content, tags });
    actor.has = content;
    actor.isMade = !isFound;
    return isNew ? "made" : plan.kind === "inSync" ? "kept" : "changed";
  }

  leave(actor: Actor, options: Options = {}) {
    const removal = planAccessEntryRemoval(this.#live, {
      previous: contentOf(actor.has ?? ""),
      ignored: [],
      claimant: { id: actor.id },
      isMade: actor.isMade === true,
      declared: (options.declared ?? []).map(contentOf),
    });
    if (removal.kind === "gone" || removal.kind === "changed" || removal.kind === "inherited") {
      return removal.kind;
    }
    const { own, earlier } = removal.standing;
    const { tags } = replaceTagClaims(removal.entry.tags, [...own, ...earlier], undefined);
    this.#live = removal.kind === "remove" ? undefined : { ...removal.entry, tags };
    return removal.kind;
  }

  #claims(): readonly Claim[] {
    return Object.keys(this.#live?.tags ?? {}).map((key) => {
      const [, kind, id] = key.split("/");
      return { id, isFound: kind === "found", label: "" };
    });
  }
}

function shown({ id, isFound }: Claim): string {
  return `${id}${isFound ? ":found" : ""}`;
}

function without(slot: Slot<string, Claim>, ended: readonly Claim[]): Slot<string, Claim> {
  return { ...slot, claims: slot.claims.filter((claim) => !ended.includes(claim)) };
}

function refusalOf(
  { takenOverBy, heldBy }: { readonly takenOverBy: readonly Claim[]; readonly heldBy: readonly Claim[] },
  isInConflict: boolean,
): string | undefined {
  if (takenOverBy.length > 0) {
    return "takenOver";
  }
  return heldBy.length > 0 ? "held" : isInConflict ? "conflict" : undefined;
}

function mappingOf(content: string): ArnMapping {
  return { kind: "role", arn: "arn:aws:iam::111122223333:role/x", username: content, groups: [] };
}

function contentOf(content: string): AccessEntryContent {
  return saysInEntry({ username: content });
}

function intentOf({ declared = [], ...options }: Options): Omit<Intent, "desired" | "previous" | "claimant"> {
  return { ...flags, ...options, declared: declared.map((content) => mappingOf(content)) };
}
