import { setTimeout as pause } from "node:timers/promises";
import type { ConfigMapStore, StoredConfigMap } from "../cluster/store";
import { type AwsAuthDocument, changesSince, type MapChanges, parseDocument } from "../document";
import { AwsAuthError } from "../errors";
import type { Caller } from "../mapping";
import type { Claims } from "./claims";
import { assertFits } from "./size";
import { tellIfSlow } from "./tellIfSlow";

/** The document at one version of the ConfigMap. */
interface Snapshot {
  readonly stored: StoredConfigMap;
  readonly document: AwsAuthDocument;
}

/**
 * One change to the document. It is called again on every newer version of the document until one of them is stored, so it
 * decides everything from its argument; what it throws fails this change alone.
 */
export type Mutation<T> = (document: AwsAuthDocument) => { readonly document: AwsAuthDocument; readonly result: T };

interface Pending {
  /** Computes the next document, and keeps the result for `settle`. */
  apply(document: AwsAuthDocument): AwsAuthDocument;
  settle(): void;
  fail(error: unknown): void;
}

/** Every conflict means that somebody else's write went through, so this many in a row is starvation, not a fault of ours. */
const maxAttempts = 100;

/** Pause before another attempt after a conflict: random up to so many milliseconds for each attempt made, and at most maxPause. */
const pauseStep = 10;
const maxPause = 250;

/** How long, in milliseconds, a failed read answers for the next ones: a plan of many mappings waits for a dead cluster once. */
const failureKeptFor = 10_000;

/** How old, in milliseconds, the map may be that tells a change that there is nothing to write, or that it must fail. */
const trustedFor = 5_000;

/**
 * How long a group waits for the changes that are about to come: as long as the last write took, but at most so many milliseconds, and
 * not at all where that was less than the least. The engine sends the next changes when it has saved what became of the last ones,
 * one after the other; without the wait every other write to a server far away would be for the fastest of them alone.
 */
const gathering = { most: 100, least: 20 };

/** After so many attempts the user is told what the run is waiting for. */
const patientAttempts = 5;

/** What is known of the map, or why it is not. */
interface Held {
  readonly snapshot: Promise<Snapshot>;
  /** When it was answered or, until then, asked for: milliseconds since the epoch. */
  since: number;
  isFailure: boolean;
}

/**
 * All that one run does on one cluster. One read serves every check; writes are committed in groups: while one is under way the
 * next changes gather, and then one write carries them all.
 */
export class ClusterSession {
  readonly #store: ConfigMapStore;
  /** Who maps what on the cluster. */
  readonly claims: Claims;
  /** The cluster's identity. */
  readonly connection: string;
  readonly #tell: (status: string) => void;
  #held: Held | undefined;
  /** The last version that was seen: what the next one has in common with it is not parsed again. */
  #last: AwsAuthDocument | undefined;
  #queue: Pending[] = [];
  /** How long the last write took, in milliseconds. */
  #lastWrite = 0;
  /** How many changes the engine had under way then. */
  #underWay = 0;
  /** Ends the wait for them. */
  #gathered: (() => void) | undefined;
  #isDraining = false;

  /** @param tell shows a user what the run is waiting for, while it is. */
  constructor(store: ConfigMapStore, claims: Claims, connection: string, tell: (status: string) => void = () => {}) {
    this.#store = store;
    this.claims = claims;
    this.connection = connection;
    this.#tell = tell;
  }

  /** The newest version of the document that this run knows. */
  async document(): Promise<AwsAuthDocument> {
    return (await this.#current()).document;
  }

  /** Makes sure that this is the cluster of an account, and says which one it is in: see {@link ConfigMapStore.account}. */
  account(expected: string | undefined): Promise<string | undefined> {
    const { label } = this.#store;
    return tellIfSlow(this.#store.account(expected), () => this.#tell(`waiting for EKS to look up ${label}`));
  }

  /** Who the cluster takes this run for, where it says so. */
  caller(): Promise<Caller | undefined> {
    return this.#store.caller();
  }

  /** Applies a change and returns once a version of the ConfigMap that holds it is stored. */
  commit<T>(mutation: Mutation<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#queue.push({
        apply: (document) => {
          const next = mutation(document);
          result = next.result;
          return next.document;
        },
        settle: () => resolve(result),
        fail: reject,
      });
      if (this.#queue.length >= this.#underWay) {
        this.#gathered?.();
      }
      void this.#drain();
    });
  }

  #current(): Promise<Snapshot> {
    const held = this.#held;
    if (held === undefined || (held.isFailure && isOlder(held, failureKeptFor))) {
      return this.#hold(this.#read());
    }
    return held.snapshot;
  }

  async #read(): Promise<Snapshot> {
    const { label } = this.#store;
    const stored = await tellIfSlow(this.#store.read(), () => this.#tell(`waiting for ${label} to answer`));
    return this.#parse(stored, this.#last);
  }

  async #write(changes: MapChanges, document: AwsAuthDocument, base: Snapshot): Promise<Snapshot> {
    const { label } = this.#store;
    const start = performance.now();
    const writing = this.#store.write(changes, base.stored);
    const stored = await tellIfSlow(writing, () => this.#tell(`waiting for ${label} to take a write`));
    this.#lastWrite = performance.now() - start;
    return this.#parse(stored, document);
  }

  #parse(stored: StoredConfigMap, known: AwsAuthDocument | undefined): Snapshot {
    this.#last = parseDocument(stored.data, known, stored.claims);
    return { stored, document: this.#last };
  }

  #hold(snapshot: Promise<Snapshot>): Promise<Snapshot> {
    const held: Held = { snapshot, since: Date.now(), isFailure: false };
    const answered = (isFailure: boolean) => () => Object.assign(held, { since: Date.now(), isFailure });
    snapshot.then(answered(false), answered(true));
    this.#held = held;
    return snapshot;
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) {
      return;
    }
    this.#isDraining = true;
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#commitGroup();
    }
    this.#isDraining = false;
  }

  /** Waits for as many changes as were under way before. */
  async #gather(): Promise<void> {
    if (this.#lastWrite < gathering.least || this.#queue.length >= this.#underWay) {
      return;
    }
    const limit = Math.min(this.#lastWrite, gathering.most);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limit);
      this.#gathered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#gathered = undefined;
  }

  /** Writes what waits as one group; it never throws, since each change is told its own outcome. */
  async #commitGroup(): Promise<void> {
    const group: Pending[] = [];
    for (let attempt = 1; ; attempt++) {
      let applied: Applied | undefined;
      try {
        const base = await this.#current();
        // Whatever came in during the read, or during the pause before another attempt, joins.
        group.push(...this.#queue.splice(0));
        applied = applyAll(group, base);
        if (applied.changes !== undefined) {
          this.#hold(Promise.resolve(await this.#write(applied.changes, applied.document, base)));
        } else if (this.#held !== undefined && isOlder(this.#held, trustedFor)) {
          // Only a write proves that the map still is as it was read.
          this.#held = undefined;
          continue;
        }
        this.#underWay = group.length + this.#queue.length;
        settle(group, applied);
        return;
      } catch (error) {
        const isConflict = error instanceof AwsAuthError && error.code === "conflict";
        // A failed read is kept for a while; after a failed write nobody knows how the map is.
        if (applied !== undefined) {
          this.#held = undefined;
        }
        if (isConflict && attempt < maxAttempts) {
          if (attempt >= patientAttempts) {
            this.#tell(
              `${this.#store.label}: somebody else keeps changing kube-system/aws-auth; attempt ${attempt + 1} to write it`,
            );
          }
          await pause(Math.random() * Math.min(maxPause, attempt * pauseStep));
          continue;
        }
        group.push(...this.#queue.splice(0));
        for (const change of group) {
          change.fail(applied?.rejected.get(change) ?? (isConflict ? starved(this.#store.label, error) : error));
        }
        return;
      }
    }
  }
}

interface Applied {
  readonly document: AwsAuthDocument;
  /** What to write; undefined: nothing. */
  readonly changes: MapChanges | undefined;
  /** The changes that threw, each with what it threw. */
  readonly rejected: ReadonlyMap<Pending, unknown>;
}

/** Applies each change to what the ones before it left; one that throws is left out. */
function applyAll(group: readonly Pending[], base: Snapshot): Applied {
  const whole = applyInTurn(group, base, () => {});
  try {
    return { ...whole, changes: changesThatFit(whole.document, base) };
  } catch {
    // Only now is it worth measuring the map after each change: what makes it too large fails, and the rest goes on.
    const parts = applyInTurn(group, base, (document) => changesThatFit(document, base));
    return { ...parts, changes: changesThatFit(parts.document, base) };
  }
}

function applyInTurn(
  group: readonly Pending[],
  base: Snapshot,
  assertAllowed: (document: AwsAuthDocument) => void,
): Omit<Applied, "changes"> {
  let document = base.document;
  const rejected = new Map<Pending, unknown>();
  for (const change of group) {
    try {
      const next = change.apply(document);
      assertAllowed(next);
      document = next;
    } catch (error) {
      rejected.set(change, error);
    }
  }
  return { document, rejected };
}

function changesThatFit(document: AwsAuthDocument, base: Snapshot): MapChanges | undefined {
  const changes = changesSince(document, base.document);
  assertFits(base.stored.data, changes?.data ?? {});
  return changes;
}

function settle(group: readonly Pending[], { rejected }: Applied): void {
  for (const change of group) {
    if (rejected.has(change)) {
      change.fail(rejected.get(change));
    } else {
      change.settle();
    }
  }
}

function isOlder(held: Held, milliseconds: number): boolean {
  return Date.now() - held.since > milliseconds;
}

function starved(label: string, cause: AwsAuthError): AwsAuthError {
  return new AwsAuthError(
    "conflict",
    `${label}: kube-system/aws-auth was changed by somebody else before each of ${maxAttempts} attempts to write it; find out who keeps writing ("kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields" names them), then run again`,
    { cause },
  );
}
