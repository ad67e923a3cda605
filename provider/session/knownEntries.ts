import { setTimeout } from "node:timers/promises";
import type { LiveAccessEntry } from "../accessEntries";
import type { AccessEntryApi, EksCluster } from "../cluster/eks/accessEntryApi";
import type { IamPrincipal } from "../cluster/eks/iam";
import { Slots } from "../concurrency";
import { AwsAuthError } from "../errors";
import { principalKey } from "../mapping";
import { quoted } from "../text";
import { tellIfSlow } from "./knownMap";

/** How long EKS may take to show a change, in milliseconds, and how long to wait between two looks at first and at most. */
const patience = { total: 60_000, first: 250, most: 4_000 };

/**
 * The access entries of a cluster, as far as one run knows them. They are listed once. The engine asks for one resource after the
 * other, so that as many entries are read ahead as were asked for so far: the first few resources cost little, and many do not wait
 * for one call after the other.
 */
export class KnownEntries {
  readonly api: AccessEntryApi;
  readonly #tell: (status: string) => void;
  readonly #wait: typeof patience;
  readonly #read = new Map<string, Promise<LiveAccessEntry | undefined>>();
  readonly #principals = new Map<string, Promise<IamPrincipal | undefined>>();
  readonly #administrators = new Slots(1);
  /** Why the change of an administrator failed. */
  #failed: string | undefined;
  #cluster: Promise<EksCluster> | undefined;
  #listed: Promise<string[]> | undefined;
  /** How many entries at the beginning of the list are being read ahead. */
  #ahead = 0;
  #asked = 0;

  /** @param tell shows the user what the run is waiting for. */
  constructor(api: AccessEntryApi, tell: (status: string) => void = () => {}, wait = patience) {
    this.api = api;
    this.#tell = tell;
    this.#wait = wait;
  }

  /** The cluster's authentication mode, account and partition. */
  cluster(): Promise<EksCluster> {
    this.#cluster ??= this.#told(this.api.cluster());
    return this.#cluster;
  }

  /**
   * A role or user of the cluster's account, as IAM knows it.
   *
   * @returns undefined if there is none of that name, or if IAM may not be asked.
   */
  principal(arn: string): Promise<IamPrincipal | undefined> {
    const key = principalKey(arn);
    const known =
      this.#principals.get(key) ??
      this.api.principal(arn).catch((error: unknown) => {
        if (error instanceof AwsAuthError && error.code === "accessDenied") {
          return undefined;
        }
        throw error;
      });
    this.#principals.set(key, known);
    return known;
  }

  /**
   * Makes a change. Those of administrators come one after the other, and none after one that failed, so that a mistake that locks
   * administrators out affects one of them.
   */
  async inTurn<T>(isAdministrator: boolean, change: () => Promise<T>): Promise<T> {
    if (!isAdministrator) {
      return change();
    }
    return this.#administrators.run(async () => {
      if (this.#failed !== undefined) {
        throw new AwsAuthError(
          "rejected",
          `${this.api.label}: the access entry of another administrator failed in this run, so this one was not changed; fix that one first: ${this.#failed}`,
        );
      }
      try {
        return await change();
      } catch (error) {
        this.#failed = error instanceof Error ? error.message : String(error);
        throw error;
      }
    });
  }

  /** Reads an entry again when it is needed next. */
  async reread(principalArn: string): Promise<void> {
    await this.#keep(principalArn, await this.api.read(principalArn));
  }

  /** The access entries of all principals. */
  async all(): Promise<readonly LiveAccessEntry[]> {
    const arns = await this.#list();
    const entries = await this.#told(Promise.all(arns.map((arn) => this.#get(arn))));
    return entries.filter((entry) => entry !== undefined);
  }

  /**
   * The access entries of a principal. There may be several: EKS keeps the entry of a role that was deleted and made again in
   * another path.
   *
   * @param arn a role's path and the letter case do not matter.
   */
  async find(arn: string): Promise<readonly LiveAccessEntry[]> {
    const arns = await this.#list();
    this.#asked++;
    for (const other of arns.slice(this.#ahead, this.#asked)) {
      // Whoever needs it gets the error.
      this.#get(other).catch(() => undefined);
    }
    this.#ahead = Math.max(this.#ahead, this.#asked);
    const own = arns.filter((listed) => principalKey(listed) === principalKey(arn));
    const entries = await this.#told(Promise.all(own.map((listed) => this.#get(listed))));
    return entries.filter((entry) => entry !== undefined);
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
    const until = Date.now() + this.#wait.total;
    for (let pause = this.#wait.first; ; pause = Math.min(2 * pause, this.#wait.most)) {
      const entry = await this.#told(this.api.read(principalArn));
      if (isShown(entry)) {
        await this.#keep(principalArn, entry);
        return entry;
      }
      if (Date.now() >= until) {
        this.#read.delete(principalArn);
        throw new AwsAuthError(
          "clusterUnreachable",
          `${this.api.label} does not show the access entry of ${quoted(principalArn)} as it was written; EKS usually takes some seconds; run again`,
        );
      }
      this.#tell(`waiting for EKS to show the access entry of ${principalArn}`);
      await setTimeout(pause);
    }
  }

  async #keep(principalArn: string, entry: LiveAccessEntry | undefined): Promise<void> {
    const arns = await this.#list();
    if (entry !== undefined && !arns.includes(principalArn)) {
      arns.push(principalArn);
    }
    this.#read.set(principalArn, Promise.resolve(entry));
  }

  #list(): Promise<string[]> {
    this.#listed ??= this.#told(this.api.list()).then((arns) => [...arns]);
    return this.#listed;
  }

  #get(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const known = this.#read.get(principalArn) ?? this.api.read(principalArn);
    this.#read.set(principalArn, known);
    return known;
  }

  #told<T>(pending: Promise<T>): Promise<T> {
    return tellIfSlow(pending, () => this.#tell(`waiting for EKS to read the access entries of ${this.api.label}`));
  }
}
