import { setTimeout } from "node:timers/promises";
import { deathOf, type IamPrincipal, type LiveAccessEntry, sameAccessEntry } from "../accessEntries/accessEntry";
import { CachedLookup, Slots, waitFor } from "../async";
import { ownersIn } from "../claims";
import type { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { AwsAuthError } from "../errors";
import type { ReadResult } from "../identity/clusterAccess";
import { parseIamArn, principalKey } from "../mapping";
import { quoted } from "../text/text";
import { KnownPrincipals } from "./knownPrincipals";

/** How many access entries are read concurrently. Calls of EKS have the same limit. */
const readAtOnce = 8;

/** How much later an entry may have been modified than its date, in milliseconds: dates of AWS may be whole seconds. */
const dateAccuracy = 1_000;

/** The access entries of a cluster, as one run knows them. The list is read once, and each entry once. */
export class KnownEntries {
  readonly api: AccessEntryApi;
  /** Serializes changes that may grant or remove administrator rights. */
  readonly turns = new Slots(1);
  readonly #tell: (status: string) => void;
  readonly #listed = new CachedLookup<void>();
  /** The ARNs of current and earlier entries, by principal. */
  readonly #arns = new Map<string, Set<string>>();
  readonly #eksRoles = new CachedLookup<ReadonlySet<string>>();
  /** Limits the time and memory of calls that wait for others. */
  readonly #reads = new Slots(readAtOnce);
  readonly #principals: KnownPrincipals;
  #iamRefusal: string | undefined;
  /** By principal ARN, as EKS spells it. */
  readonly #read = new Map<string, CachedLookup<LiveAccessEntry | undefined>>();
  /** How many entries to read ahead next, unless too many were read in vain. */
  #ahead = 1;
  #credit = 0;
  /** Each entry as EKS last showed it, and since when, in milliseconds of the monotonic clock. */
  readonly #seen = new Map<string, { readonly entry: LiveAccessEntry; readonly since: number }>();

  /** @param tell shows the user what the run is waiting for. @param principals those that the run knows from other clusters too. */
  constructor(
    api: AccessEntryApi,
    tell: (status: string) => void = () => {},
    principals: KnownPrincipals = new KnownPrincipals(),
  ) {
    this.api = api;
    this.#tell = tell;
    this.#principals = principals;
  }

  /** Why IAM could not be queried for a principal, the first time; undefined if it never failed. */
  get iamRefusal(): string | undefined {
    return this.#iamRefusal;
  }

  cluster(): Promise<EksCluster> {
    return this.api.cluster();
  }

  async all(): Promise<readonly LiveAccessEntry[]> {
    await this.#list();
    return this.#getAll(this.#known());
  }

  /**
   * The access entries of a principal. There may be several, since EKS keeps the entry of a role that was deleted and
   * recreated with another path.
   *
   * @param principal an ARN of the principal; path and letter case are ignored.
   * @param prefetch reads some other entries ahead, and their principals in IAM, since the engine requests one mapping after another.
   */
  async find(principal: string, prefetch?: "entries" | "principals"): Promise<readonly LiveAccessEntry[]> {
    await this.#list();
    const own = [...(this.#arns.get(principalKey(principal)) ?? [])];
    const isNew = own.some((arn) => !this.#read.has(arn));
    const found = this.#getAll(own);
    if (prefetch !== undefined && isNew) {
      // The read that needs one of them reports its error.
      this.#readAhead(own, prefetch === "principals").catch(() => undefined);
    }
    return found;
  }

  /** @param principalArn an entry to read even if the list, which may be outdated, lacks it. */
  async reread(arn: string, principalArn?: string): Promise<readonly LiveAccessEntry[]> {
    await this.#list();
    if (principalArn !== undefined && (await this.#hasEntries())) {
      this.#note(principalArn);
    }
    this.#principals.forget(arn, this.api);
    for (const known of this.#arns.get(principalKey(arn)) ?? []) {
      this.#read.set(known, new CachedLookup());
    }
    return this.find(arn);
  }

  /** The ARN of a role or user with its path, from its only access entry, otherwise from IAM, which knows only the cluster's account. */
  async withPath(arn: string): Promise<string | undefined> {
    const [entry, ...others] = await this.find(arn);
    if (entry !== undefined && others.length === 0) {
      return entry.principalArn;
    }
    const found = await this.principal(arn);
    return found === "unknown" ? undefined : found?.arn;
  }

  /** The principal in IAM, read once; `unknown` for a principal of another account, and if IAM refuses: see {@link iamRefusal}. */
  async principal(arn: string): Promise<IamPrincipal | undefined | "unknown"> {
    const result = await this.#principal(arn);
    if ("value" in result) {
      return result.value;
    }
    this.#iamRefusal ??= result.unread || undefined;
    return "unknown";
  }

  /** See {@link KnownPrincipals.ssoSuccessor}. */
  async ssoSuccessor(arn: string): Promise<ReadResult<string | undefined>> {
    const parsed = parseIamArn(arn);
    return parsed === undefined ? { value: undefined } : this.#principals.ssoSuccessor(parsed, this.api);
  }

  /** Adds to access entries why they grant no access, as far as IAM can be queried. */
  async withDeaths(found: readonly LiveAccessEntry[]): Promise<readonly LiveAccessEntry[]> {
    return Promise.all(
      found.map(async (entry) => {
        const principal = await this.principal(entry.principalArn);
        const death = principal === "unknown" ? undefined : deathOf(entry, principal);
        return death === undefined ? entry : { ...entry, death };
      }),
    );
  }

  /** Waits until EKS shows a change, which takes some seconds. @throws AwsAuthError `clusterUnreachable` after a minute. */
  async settle(
    principalArn: string,
    isShown: (entry: LiveAccessEntry | undefined) => boolean,
  ): Promise<LiveAccessEntry | undefined> {
    const look = async () => {
      const entry = await this.#ask(principalArn);
      return isShown(entry) ? { entry } : undefined;
    };
    const tell = () => this.#tell(`waiting for EKS to list the access entry for ${principalArn}`);
    const known = new CachedLookup<LiveAccessEntry | undefined>();
    this.#note(principalArn);
    this.#read.set(principalArn, known);
    const settled = await waitFor(look, this.api.limits.shown, tell);
    if (settled === undefined) {
      throw new AwsAuthError(
        "clusterUnreachable",
        `${this.api.label} has not reported the change to the access entry for ${quoted(principalArn)} within ${this.api.limits.shown.total / 1000} s; run again`,
      );
    }
    return known.get(async () => settled.entry);
  }

  /**
   * Waits until an access entry that this run has read is certainly in force, and reads it again. A change to aws-auth
   * takes effect at once, and an access entry after some seconds.
   *
   * The age is that by the clock of AWS or, if longer, the time since this run first saw the current version. So entries that were read
   * together share the wait.
   *
   * @throws AwsAuthError `conflict` if the entry has been changed or deleted since.
   */
  async inForce(principal: string): Promise<void> {
    const key = principalKey(principal);
    const seen = [...this.#seen.values()].filter(({ entry }) => principalKey(entry.principalArn) === key);
    const now = await this.api.now();
    const ages = seen.map(({ entry, since }) =>
      Math.max(performance.now() - since, now - entry.modifiedAt.getTime() - dateAccuracy),
    );
    const rest = this.api.limits.inForce - Math.min(this.api.limits.inForce, ...ages);
    if (rest > 0) {
      this.#tell(`waiting until the access entry for ${principal} takes effect in ${this.api.label}`);
      await setTimeout(rest);
    }
    for (const { entry } of seen) {
      const now = await this.#ask(entry.principalArn);
      if (now === undefined || !isSameVersion(entry, now)) {
        const text = `the access entry for ${quoted(entry.principalArn)} was changed or deleted during this run; run again`;
        throw new AwsAuthError("conflict", text);
      }
    }
  }

  /** Whether EKS itself creates the access entry of a role: that of a managed node group or a Fargate profile. */
  async isMadeByEks(principalArn: string): Promise<boolean> {
    const roles = await this.#eksRoles.get(async () => new Set((await this.api.eksRoles()).map(principalKey)));
    return roles.has(principalKey(principalArn));
  }

  /** The principal in IAM, or why IAM cannot be queried: an empty text for a principal of another account. */
  async #principal(arn: string): Promise<ReadResult<IamPrincipal | undefined>> {
    const { account } = await this.cluster();
    const parsed = parseIamArn(arn);
    return parsed?.account === account ? this.#principals.find(parsed, this.api) : { unread: "" };
  }

  #list(): Promise<void> {
    return this.#listed.get(async () => {
      // EKS guarantees no order.
      for (const arn of (await this.#hasEntries()) ? (await this.api.list()).toSorted() : []) {
        this.#note(arn);
      }
    });
  }

  /** A cluster in mode `CONFIG_MAP` has no entries, and EKS refuses to list them. */
  async #hasEntries(): Promise<boolean> {
    return (await this.cluster()).authenticationMode !== "CONFIG_MAP";
  }

  /**
   * Reads the entries after a requested one: twice as many as the last time had a claim of the same stack, and none while more than one
   * of eight did not, since a read is two calls of a throttled API.
   */
  async #readAhead(own: readonly string[], withIam: boolean): Promise<void> {
    const ask = async (arns: readonly string[]) => withIam && Promise.all(arns.map((arn) => this.#principal(arn)));
    const known = this.#known();
    const at = known.findIndex((arn) => own.includes(arn));
    const unread = [...known.slice(at), ...known.slice(0, at)].filter((arn) => !this.#read.has(arn));
    const next = this.#credit < 0 ? [] : unread.slice(0, this.#ahead);
    this.#ahead -= next.length;
    const [requested, found] = await Promise.all([this.#getAll(own), this.#getAll(next), ask(own)]);
    const stacksOf = (entry: LiveAccessEntry) => ownersIn(entry).map((owner) => owner.split(" ")[0]);
    const stacks = requested.flatMap(stacksOf);
    const same = found.filter((entry) => stacksOf(entry).some((stack) => stacks.includes(stack)));
    this.#credit += (own.length + same.length) / 8 - (next.length - same.length);
    this.#ahead = next.length === 0 ? this.#ahead : Math.min(2 * same.length || 1, readAtOnce - 1);
    await ask(same.map(({ principalArn }) => principalArn));
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
    return known.get(() => this.#reads.run(() => this.#ask(principalArn)));
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

function isSameVersion(a: LiveAccessEntry, b: LiveAccessEntry): boolean {
  return (
    a.createdAt.getTime() === b.createdAt.getTime() &&
    a.modifiedAt.getTime() === b.modifiedAt.getTime() &&
    sameAccessEntry(a, b)
  );
}
