import { setTimeout } from "node:timers/promises";
import { claimsIn, type LiveAccessEntry, sameAccessEntry } from "../accessEntries";
import { type Patience, waitFor } from "../async/waiting";
import { CachedLookup } from "../cluster/cachedLookup";
import type { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { AwsAuthError } from "../errors";
import { principalKey } from "../mapping";
import { quoted } from "../text/text";
import { tellIfSlow } from "./knownMap";
import { KnownPrincipals } from "./knownPrincipals";

/** How long changes of access entries may take. Tests have shorter limits. */
export const entryLimits: { shown: Patience; inForce: number } = {
  shown: { total: 60_000, first: 250, most: 4_000 },
  /** Until a cluster lets somebody in by an entry that EKS shows, in milliseconds: "several seconds", as EKS says. */
  inForce: 10_000,
};

/** How many access entries a preview reads at once, since the engine asks for one mapping after the other. */
const readAtOnce = 8;

/** The access entries of a cluster, as far as one run knows them. They are listed once, and each is read once. */
export class KnownEntries {
  readonly api: AccessEntryApi;
  readonly principals: KnownPrincipals;
  readonly #tell: (status: string) => void;
  readonly #wait: Patience;
  readonly #cluster = new CachedLookup<EksCluster>();
  readonly #listed = new CachedLookup<ListedEntries>();
  /** By principal ARN, as EKS has it. */
  readonly #read = new Map<string, CachedLookup<LiveAccessEntry | undefined>>();
  /** What EKS showed after a change of this run, which the list does not have. */
  readonly #shown = new Map<string, LiveAccessEntry | undefined>();
  /** The last that EKS has shown of each entry, and since when, in milliseconds of a clock that nobody sets. */
  readonly #seen = new Map<string, { readonly entry: LiveAccessEntry; readonly since: number }>();

  /** @param tell shows the user what the run is waiting for. */
  constructor(api: AccessEntryApi, tell: (status: string) => void = () => {}, wait = entryLimits.shown) {
    this.api = api;
    this.principals = new KnownPrincipals(api);
    this.#tell = tell;
    this.#wait = wait;
  }

  cluster(): Promise<EksCluster> {
    return this.#cluster.get(() => this.#told(this.api.cluster()));
  }

  /** Reads an entry again, which somebody else may have changed. */
  async reread(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const entry = await this.#told(this.#ask(principalArn));
    this.#shown.set(principalArn, entry);
    return entry;
  }

  /**
   * Reads an entry again that somebody else is making, of which EKS shows nothing for some seconds.
   *
   * @param isComplete whether it is made. After a minute it is taken as it is.
   */
  async rereadOnce(principalArn: string, isComplete: (entry: LiveAccessEntry) => boolean): Promise<void> {
    const seen = await this.#look(principalArn, (entry) => entry !== undefined && isComplete(entry));
    this.#shown.set(principalArn, seen?.entry ?? (await this.#ask(principalArn)));
  }

  /**
   * The access entries of all principals.
   *
   * @param known ARNs of principals whose entries the caller knows; they are not read.
   */
  async all(known: ReadonlySet<string> = new Set()): Promise<readonly LiveAccessEntry[]> {
    const { arns } = await this.#list();
    const wanted = [...new Set([...arns, ...this.#shown.keys()])].filter((arn) => !known.has(arn));
    return this.#getAll(wanted);
  }

  /**
   * The access entries of a principal. There may be several: EKS keeps the entry of a role that was deleted and made again in
   * another path.
   *
   * @param arn a role's path and the letter case do not matter.
   */
  async find(arn: string): Promise<readonly LiveAccessEntry[]> {
    const { byPrincipal } = await this.#list();
    const key = principalKey(arn);
    const shown = [...this.#shown.keys()].filter((other) => principalKey(other) === key);
    return this.#getAll([...new Set([...(byPrincipal.get(key) ?? []), ...shown])]);
  }

  /**
   * Begins to read the access entries of a principal, and to ask IAM for it, side by side. In a preview, during which nobody is made
   * again, also those of the next in the list: see {@link readAtOnce}. Of them, IAM is asked for those that some mapping claims. What
   * IAM has told before, as in a refresh, counts in a preview alone, and for a resource that was read just before.
   */
  async begin(arn: string, isPreview: boolean, isRead = false): Promise<void> {
    const { arns, byPrincipal } = await this.#list();
    const isUnread = (other: string) => !this.#read.has(other);
    const named = byPrincipal.get(principalKey(arn)) ?? [];
    for (const other of isPreview || isRead ? [] : [arn, ...named]) {
      this.principals.forget(other);
    }
    const own = named.filter(isUnread);
    if (own.length === 0) {
      return;
    }
    for (const other of own) {
      this.principals.begin(other);
    }
    const next = isPreview ? arns.filter((other) => isUnread(other) && !own.includes(other)) : [];
    for (const other of [...own, ...next.slice(0, readAtOnce - 1)]) {
      this.#get(other).then(
        (entry) => claimsIn(entry?.tags ?? {}).length > 0 && this.principals.begin(other),
        // Whoever needs it gets the error.
        () => undefined,
      );
    }
  }

  /**
   * Waits until EKS shows a change: it takes some seconds.
   *
   * @param principalArn with the role's path.
   * @param isShown whether an entry, or none, is what was written.
   * @throws AwsAuthError `clusterUnreachable` if it takes longer than a minute.
   */
  async settle(
    principalArn: string,
    isShown: (entry: LiveAccessEntry | undefined) => boolean,
  ): Promise<LiveAccessEntry | undefined> {
    // Whatever was read before the change is out of date from now on.
    this.#read.delete(principalArn);
    this.#shown.delete(principalArn);
    const settled = await this.#look(principalArn, isShown);
    if (settled === undefined) {
      throw new AwsAuthError(
        "clusterUnreachable",
        `${this.api.label} does not show the access entry of ${quoted(principalArn)} as it was written; EKS usually takes some seconds; run again`,
      );
    }
    this.#shown.set(principalArn, settled.entry);
    return settled.entry;
  }

  /**
   * Takes claims off an entry and reads it again, so that whoever claims it at the same time is seen.
   *
   * @returns undefined if it is gone.
   */
  async unclaim(
    { arn, principalArn }: LiveAccessEntry,
    claims: readonly { readonly key: string }[],
  ): Promise<LiveAccessEntry | undefined> {
    const keys = claims.map(({ key }) => key);
    if (keys.length > 0) {
      await this.api.untag(arn, keys);
    }
    return this.settle(principalArn, (entry) => keys.every((key) => entry?.tags[key] === undefined));
  }

  /** Deletes an entry, and waits until EKS shows it no more. Somebody else may make another one at once. */
  async delete({ principalArn, arn }: LiveAccessEntry): Promise<void> {
    await this.api.delete(principalArn);
    await this.settle(principalArn, (entry) => entry?.arn !== arn);
  }

  /**
   * Waits until the cluster surely lets its principal in by an entry, which EKS shows before. A change of aws-auth counts at once.
   *
   * Counts from when this run has first seen the entry as it is, whoever wrote it: what EKS shows is written, and the clocks of this
   * machine and of AWS may differ by any time. So no entry is older than the run, and all that were checked together wait together.
   *
   * @param principalArn with the role's path.
   */
  async inForce(principalArn: string): Promise<void> {
    const entry = await this.#get(principalArn);
    const since = this.#seen.get(principalArn)?.since;
    // Of an entry that is gone, nothing comes into force.
    const rest = entry === undefined || since === undefined ? 0 : since + entryLimits.inForce - performance.now();
    if (rest > 0) {
      this.#tell(`waiting until ${this.api.label} knows the access entry of ${principalArn}`);
      await setTimeout(rest);
    }
  }

  #look(
    principalArn: string,
    isShown: (entry: LiveAccessEntry | undefined) => boolean,
  ): Promise<{ readonly entry: LiveAccessEntry | undefined } | undefined> {
    const look = async () => {
      const entry = await this.#told(this.#ask(principalArn));
      return isShown(entry) ? { entry } : undefined;
    };
    return waitFor(look, this.#wait, () => this.#tell(`waiting for EKS to show the access entry of ${principalArn}`));
  }

  #list(): Promise<ListedEntries> {
    return this.#listed.get(async () => {
      // EKS promises no order.
      const arns = (await this.#told(this.api.list())).toSorted();
      return { arns, byPrincipal: Map.groupBy(arns, principalKey) };
    });
  }

  async #getAll(arns: readonly string[]): Promise<readonly LiveAccessEntry[]> {
    const entries = await this.#told(Promise.all(arns.map((arn) => this.#get(arn))));
    return entries.filter((entry) => entry !== undefined);
  }

  async #get(principalArn: string): Promise<LiveAccessEntry | undefined> {
    if (this.#shown.has(principalArn)) {
      return this.#shown.get(principalArn);
    }
    const known = this.#read.get(principalArn) ?? new CachedLookup<LiveAccessEntry | undefined>();
    this.#read.set(principalArn, known);
    return known.get(() => this.#ask(principalArn));
  }

  async #ask(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const entry = await this.api.read(principalArn);
    const seen = this.#seen.get(principalArn);
    if (entry !== undefined && (seen === undefined || !isSameVersion(seen.entry, entry))) {
      this.#seen.set(principalArn, { entry, since: performance.now() });
    }
    return entry;
  }

  #told<T>(pending: Promise<T>): Promise<T> {
    return tellIfSlow(pending, () => this.#tell(`waiting for EKS to read the access entries of ${this.api.label}`));
  }
}

/** Whether an entry was not written between two reads. Nothing says that the association of a policy is a change of the entry itself. */
function isSameVersion(a: LiveAccessEntry, b: LiveAccessEntry): boolean {
  const isSame = (name: "createdAt" | "modifiedAt") => a[name].getTime() === b[name].getTime();
  return isSame("createdAt") && isSame("modifiedAt") && sameAccessEntry(a, b);
}

interface ListedEntries {
  readonly arns: readonly string[];
  readonly byPrincipal: ReadonlyMap<string, readonly string[]>;
}
