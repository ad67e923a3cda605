import { setTimeout } from "node:timers/promises";
import { type LiveAccessEntry, sameAccessEntry } from "../accessEntries";
import { Slots } from "../async/concurrency";
import { type Patience, waitFor } from "../async/waiting";
import { CachedLookup } from "../cluster/cachedLookup";
import type { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { AwsAuthError } from "../errors";
import { principalKey } from "../mapping";
import { quoted } from "../text/text";

/** How long changes of access entries may take. Tests have shorter limits. */
export const entryLimits: { shown: Patience; claimed: Patience; inForce: number } = {
  /** Until EKS shows what was written. */
  shown: { total: 60_000, first: 250, most: 4_000 },
  /** Until EKS certainly shows a claim that another run has just made. */
  claimed: { total: 5_000, first: 250, most: 2_000 },
  /** Until an entry that EKS shows gives access, in milliseconds: "several seconds", according to EKS. */
  inForce: 10_000,
};

/** How many access entries are read at once. The EKS calls have the same bound. */
const readAtOnce = 8;

/** The age from which an entry is in force, whatever the difference of the clocks of this machine and of AWS, in milliseconds. */
const certainlyInForce = 3_600_000;

/** The access entries of a cluster, as far as one run knows them. They are listed once, and each is read once. */
export class KnownEntries {
  readonly api: AccessEntryApi;
  /** The order of changes that may take or give administrator rights: one after the other. */
  readonly turns = new Slots(1);
  readonly #tell: (status: string) => void;
  readonly #wait: Patience;
  readonly #cluster = new CachedLookup<EksCluster>();
  readonly #listed = new CachedLookup<void>();
  /** The ARNs of those that have, or had, an entry, by principal. */
  readonly #arns = new Map<string, Set<string>>();
  readonly #eksRoles = new CachedLookup<ReadonlySet<string>>();
  #isIamSilent = false;
  /** By principal ARN, as EKS has it. */
  readonly #read = new Map<string, CachedLookup<LiveAccessEntry | undefined>>();
  /** The last that EKS has shown of each entry, and since when, in milliseconds of a clock that is never set. */
  readonly #seen = new Map<string, { readonly entry: LiveAccessEntry; readonly since: number }>();

  /** @param tell shows the user what the run is waiting for. */
  constructor(api: AccessEntryApi, tell: (status: string) => void = () => {}, wait = entryLimits.shown) {
    this.api = api;
    this.#tell = tell;
    this.#wait = wait;
  }

  cluster(): Promise<EksCluster> {
    return this.#cluster.get(() => this.api.cluster());
  }

  /** The access entries of all principals. */
  async all(): Promise<readonly LiveAccessEntry[]> {
    await this.#list();
    return this.#getAll(this.#known());
  }

  /**
   * The access entries of a principal. There may be several: EKS keeps the entry of a role that was deleted and made again in
   * another path.
   *
   * @param principal an ARN of it, whose path and letter case do not matter.
   * @param isOneOfMany reads some of the next ones too, since the engine asks for one mapping after the other.
   */
  async find(principal: string, isOneOfMany = false): Promise<readonly LiveAccessEntry[]> {
    await this.#list();
    const own = [...(this.#arns.get(principalKey(principal)) ?? [])];
    const isUnread = (other: string) => !this.#read.has(other);
    if (isOneOfMany && own.some(isUnread)) {
      const next = this.#known().filter((other) => isUnread(other) && !own.includes(other));
      // Whoever needs one of them gets the error.
      this.#getAll(next.slice(0, readAtOnce - 1)).catch(() => undefined);
    }
    return this.#getAll(own);
  }

  /**
   * The same, read again, since others may have changed them.
   *
   * @param principalArn an entry that is asked for although the list, which may lag behind, does not have it.
   */
  async reread(arn: string, principalArn?: string): Promise<readonly LiveAccessEntry[]> {
    await this.#list();
    if (principalArn !== undefined && (await this.#hasEntries())) {
      this.#note(principalArn);
    }
    for (const known of this.#arns.get(principalKey(arn)) ?? []) {
      this.#read.set(known, new CachedLookup());
    }
    return this.find(arn);
  }

  /**
   * The ARN of a role or user with its path, which aws-auth leaves out: as its only access entry has it, else as IAM has it.
   *
   * @returns undefined if neither tells: IAM knows only principals of the cluster's account.
   */
  async withPath(arn: string): Promise<string | undefined> {
    const [entry, ...others] = await this.find(arn);
    if (entry !== undefined && others.length === 0) {
      return entry.principalArn;
    }
    if (this.#isIamSilent) {
      return undefined;
    }
    try {
      return (await this.api.principal(arn))?.arn;
    } catch (error) {
      if (!(error instanceof AwsAuthError)) {
        throw error;
      }
      // It may be out of reach: each further question would wait as long.
      this.#isIamSilent = error.code === "clusterUnreachable";
      return undefined;
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
    const look = async () => {
      const entry = await this.#ask(principalArn);
      return isShown(entry) ? { entry } : undefined;
    };
    const tell = () => this.#tell(`waiting for EKS to show the access entry of ${principalArn}`);
    const known = new CachedLookup<LiveAccessEntry | undefined>();
    this.#note(principalArn);
    this.#read.set(principalArn, known);
    const settled = await waitFor(look, this.#wait, tell);
    if (settled === undefined) {
      throw new AwsAuthError(
        "clusterUnreachable",
        `${this.api.label} does not show the access entry of ${quoted(principalArn)} as it was written; EKS usually takes some seconds; run again`,
      );
    }
    return known.get(async () => settled.entry);
  }

  /**
   * Waits until the cluster certainly lets a principal in by the access entry that this run has seen, and looks at it again. A change of
   * aws-auth counts at once, and an access entry after some seconds.
   *
   * Counts from when this run has first seen the entry as it is, because the clocks of this machine and of AWS may differ. So all
   * entries that were read together wait together.
   *
   * @throws AwsAuthError `conflict` if it was changed or deleted since.
   */
  async inForce(principal: string): Promise<void> {
    const key = principalKey(principal);
    const seen = [...this.#seen.values()].filter(({ entry }) => principalKey(entry.principalArn) === key);
    const young = seen.filter(({ entry }) => Date.now() - entry.modifiedAt.getTime() < certainlyInForce);
    const rest = Math.max(0, ...young.map(({ since }) => since + entryLimits.inForce - performance.now()));
    if (rest > 0) {
      this.#tell(`waiting until ${this.api.label} knows the access entry of ${principal}`);
      await setTimeout(rest);
    }
    for (const { entry } of seen) {
      const now = await this.#ask(entry.principalArn);
      if (now === undefined || !isSameVersion(entry, now)) {
        const text = `the access entry of ${quoted(entry.principalArn)} was changed or deleted while this run relied on it; run again`;
        throw new AwsAuthError("conflict", text);
      }
    }
  }

  /**
   * Whether EKS makes the access entry of a role itself: that of a managed node group or a Fargate profile.
   *
   * @throws AwsAuthError `accessDenied` if the node groups and profiles cannot be listed.
   */
  async isMadeByEks(principalArn: string): Promise<boolean> {
    const roles = await this.#eksRoles.get(async () => new Set((await this.api.eksRoles()).map(principalKey)));
    return roles.has(principalKey(principalArn));
  }

  #list(): Promise<void> {
    return this.#listed.get(async () => {
      // EKS promises no order.
      for (const arn of (await this.#hasEntries()) ? (await this.api.list()).toSorted() : []) {
        this.#note(arn);
      }
    });
  }

  /** EKS refuses to list the entries of a cluster in mode `CONFIG_MAP`, which has none. */
  async #hasEntries(): Promise<boolean> {
    return (await this.cluster()).authenticationMode !== "CONFIG_MAP";
  }

  #note(principalArn: string): void {
    const key = principalKey(principalArn);
    this.#arns.set(key, (this.#arns.get(key) ?? new Set()).add(principalArn));
  }

  #known(): readonly string[] {
    return [...this.#arns.values()].flatMap((arns) => [...arns]);
  }

  async #getAll(arns: readonly string[]): Promise<readonly LiveAccessEntry[]> {
    const entries = await Promise.all(arns.map((arn) => this.#get(arn)));
    return entries.filter((entry) => entry !== undefined);
  }

  #get(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const known = this.#read.get(principalArn) ?? new CachedLookup();
    this.#read.set(principalArn, known);
    return known.get(() => this.#ask(principalArn));
  }

  async #ask(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const entry = await this.api.read(principalArn);
    const seen = this.#seen.get(principalArn);
    if (entry === undefined) {
      this.#seen.delete(principalArn);
    } else if (seen === undefined || !isSameVersion(seen.entry, entry)) {
      this.#seen.set(principalArn, { entry, since: performance.now() });
    }
    return entry;
  }
}

/** Whether an entry was not written between two reads. */
function isSameVersion(a: LiveAccessEntry, b: LiveAccessEntry): boolean {
  return (
    a.createdAt.getTime() === b.createdAt.getTime() &&
    a.modifiedAt.getTime() === b.modifiedAt.getTime() &&
    sameAccessEntry(a, b)
  );
}
