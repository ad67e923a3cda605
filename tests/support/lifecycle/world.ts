import type { AuthenticationMode, IamPrincipal, LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { entriesOf, type MapChanges, parseMap } from "../../../provider/awsAuthMap/index.ts";
import type { connectionTo } from "../../../provider/cluster/connect.ts";
import { AccessEntryApi, entryLimits } from "../../../provider/cluster/eks/accessEntryApi.ts";
import type { EksCluster } from "../../../provider/cluster/eks/eksConnection.ts";
import type { ConfigMapStore, StoredConfigMap } from "../../../provider/cluster/store.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { type PlaceName, placeNames } from "../../../provider/lifecycle/types.ts";
import { type Caller, formatArn, type IamArn, principalKey } from "../../../provider/mapping/index.ts";

export const account = "111122223333";
export const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/**
 * A mapping of a role, as a program declares it.
 *
 * @param content its username and groups, in the format of {@link World.mapContents}.
 */
export function roleOf(name: string, content = `${name}: viewers`) {
  const [username = "", groups = ""] = content.split(": ");
  return { arn: roleArn(name), username, groups: groups.split(", ") };
}

/** The same as an entry of mapRoles. */
export function entryText(name: string, content?: string): string {
  const { arn, username, groups } = roleOf(name, content);
  return `- rolearn: ${arn}\n  username: "${username}"\n  groups: ${JSON.stringify(groups)}\n`;
}

/** The username that EKS gives an access entry without one. */
export function defaultName({ principalArn }: { readonly principalArn: string }): string {
  return principalArn.replace(/iam(::\d+):role\/(?:.*\/)?(.*)/, "sts$1:assumed-role/$2/{{SessionName}}");
}

/** Thrown at every call of a killed run. It is no error type of the code under test. */
export class Killed extends Error {}

/** A fault at one of the calls of a run. */
export interface Fault {
  /** The number of the call, from 1. */
  readonly at: number;
  /**
   * `refuse`: the call fails with 403; `kill`: the process dies before the call; `killAfter`: it dies after the call, before the response.
   */
  readonly kind: "refuse" | "kill" | "killAfter";
}

type Entry = Omit<LiveAccessEntry, "arn" | "createdAt" | "modifiedAt">;

/**
 * An EKS cluster in memory, with its ConfigMap and its access entries. It counts its calls, each of which can be refused or kill the run.
 */
export class World {
  mode: AuthenticationMode = "API_AND_CONFIG_MAP";
  data: Record<string, string> = { mapRoles: "[]\n" };
  claims: string | undefined;
  /** The last writes of the map by others. */
  lastWrites: NonNullable<StoredConfigMap["lastWrites"]> = {};
  readonly entries = new Map<string, LiveAccessEntry>();
  caller: Caller | undefined;
  /** The roles and users in IAM by principal; undefined if deleted. Others exist since before the cluster. */
  readonly principals = new Map<string, IamPrincipal | undefined>();
  /** Whether IAM refuses all calls. */
  hidesIam = false;
  /** Called after each call, with its name. */
  watch: (call: string) => void = () => {};
  /** The names of the calls since the last {@link begin}. */
  calls: string[] = [];
  isKilled = false;
  #fault: Fault | undefined;
  #version = 1;
  #time = 0;

  begin(fault?: Fault): void {
    this.calls = [];
    this.isKilled = false;
    this.#fault = fault;
  }

  connectionTo: typeof connectionTo = async () => ({
    key: "world",
    store: this.#store(),
    apiServer: undefined,
    accessEntries: async () => new WorldEntries(this),
  });

  /** Changes a list of the map like another writer. */
  edit(change: (text: string) => string, key = "mapRoles"): void {
    this.data = { ...this.data, [key]: change(this.data[key] ?? "[]\n") };
    this.lastWrites = { ...this.lastWrites, [key]: { writer: "kubectl-edit", at: this.#now() } };
    this.#version++;
  }

  /** Removes all entries and claims of a place. */
  empty(place: PlaceName): void {
    this.dropClaims(place);
    if (place === "map") {
      this.edit(() => "[]\n");
    } else {
      this.entries.clear();
    }
  }

  /** The map's entries of a role, each as `username: groups`. */
  mapContents(name: string): string[] {
    return entriesOf(parseMap(this.data))
      .filter(({ principal }) => principal === principalKey(roleArn(name)))
      .map(({ username, groups }) => `${username}: ${groups.join(", ")}`);
  }

  /** The access entry of a role, as `username: groups`. */
  entryContent(name: string): string | undefined {
    const entry = [...this.entries.values()].find(
      ({ principalArn }) => principalKey(principalArn) === principalKey(roleArn(name)),
    );
    const groups = [
      ...(entry?.groups ?? []),
      ...(entry?.policies ?? []).map(({ policyArn }) => policyArn.split("/").at(-1)),
    ];
    return entry && `${entry.username}: ${groups.join(", ")}`;
  }

  /** Whether a role has access, by the places that the mode uses. */
  hasAccess(name: string): boolean {
    const isMapped = this.mode !== "API" && this.mapContents(name).length > 0;
    return isMapped || (this.mode !== "CONFIG_MAP" && this.entryContent(name) !== undefined);
  }

  contentsIn(place: PlaceName, name: string): readonly string[] {
    return place === "map"
      ? this.mapContents(name)
      : [this.entryContent(name)].filter((content) => content !== undefined);
  }

  claimsIn(place: PlaceName): readonly string[] {
    return place === "map"
      ? (this.claims ?? "").split("\n").filter((line) => line !== "")
      : [...this.entries.values()].flatMap(({ tags }) => Object.values(tags));
  }

  get remainingClaims(): readonly string[] {
    return placeNames.flatMap((place) => this.claimsIn(place));
  }

  /** Removes the claims, like `kubectl replace` with a file without the annotation, or a script that replaces all tags. */
  dropClaims(place: PlaceName): void {
    if (place === "map") {
      this.claims = undefined;
      this.#version++;
    } else {
      for (const entry of this.entries.values()) {
        this.store({ ...entry, tags: {} });
      }
    }
  }

  /** Stores an access entry like another tool. */
  put(name: string, entry: Partial<Entry> = {}): void {
    const principalArn = roleArn(name);
    const plain = { principalArn, type: "STANDARD", username: name, groups: [], policies: [], tags: {} } as const;
    this.store({ ...plain, ...entry });
  }

  /** Deletes a role or user, and creates it again under its name unless `isGone`. */
  recreate(arn: string, isGone = false): void {
    const createdAt = this.#now();
    this.principals.set(principalKey(arn), isGone ? undefined : { arn, createdAt });
  }

  principalAt(arn: string): IamPrincipal | undefined {
    const key = principalKey(arn);
    return this.principals.has(key) ? this.principals.get(key) : { arn, createdAt: new Date(0) };
  }

  store(entry: Entry): void {
    const before = this.entries.get(entry.principalArn);
    const now = this.#now();
    const arn = `arn:aws:eks:eu-central-1:${account}:access-entry/prod/${entry.principalArn}`;
    this.entries.set(entry.principalArn, { ...entry, arn, createdAt: before?.createdAt ?? now, modifiedAt: now });
  }

  #now(): Date {
    return new Date(++this.#time * 1_000);
  }

  /** One call of the run. */
  async call<T>(name: string, act: () => T): Promise<T> {
    if (this.isKilled) {
      throw new Killed();
    }
    this.calls.push(name);
    const fault = this.#fault?.at === this.calls.length ? this.#fault.kind : undefined;
    if (fault === "refuse") {
      throw new AwsAuthError("accessDenied", `${name} was refused`);
    }
    this.isKilled = fault !== undefined;
    if (fault !== "kill") {
      const result = act();
      this.watch(name);
      if (fault === undefined) {
        return result;
      }
    }
    throw new Killed();
  }

  #store(): ConfigMapStore {
    const stored = (): StoredConfigMap => {
      const { data, claims, lastWrites } = this;
      return { data, version: String(this.#version), claims, lastWrites };
    };
    return {
      label: 'EKS cluster "prod"',
      read: () => this.call("read map", stored),
      write: ({ data, claims }: MapChanges, { version }) =>
        this.call("write map", () => {
          if (version !== String(this.#version)) {
            throw new AwsAuthError("conflict", "changed meanwhile");
          }
          this.data = { ...this.data, ...data };
          this.lastWrites = Object.fromEntries(Object.entries(this.lastWrites).filter(([key]) => !(key in data)));
          this.claims = claims === undefined ? this.claims : (claims ?? undefined);
          this.#version++;
          return stored();
        }),
      caller: async () => this.caller,
      account: async () => account,
    };
  }
}

const ref = { kind: "eks", name: "prod", region: "eu-central-1", profile: undefined, roleArn: undefined } as const;
const settings = { config: () => undefined, env: {}, cwd: "/" };

const brief = { total: 100, first: 1, most: 1 };

class WorldEntries extends AccessEntryApi {
  readonly #world: World;

  constructor(world: World) {
    super(ref, settings, undefined, {
      ...entryLimits,
      inForce: 0,
      shown: brief,
      claimed: { ...brief, total: 2 },
      found: brief,
    });
    this.#world = world;
  }

  override async cluster(): Promise<EksCluster> {
    const { mode } = this.#world;
    return { account, partition: "aws", authenticationMode: mode };
  }

  override list() {
    return this.#world.call("list entries", () => [...this.#world.entries.keys()]);
  }

  override read(principalArn: string) {
    return this.#world.call("read entry", () => this.#world.entries.get(principalArn));
  }

  override create(content: Parameters<AccessEntryApi["create"]>[0], tags: Readonly<Record<string, string>>) {
    return this.#world.call("create entry", () => {
      if (this.#world.principalAt(content.principalArn)?.arn !== content.principalArn) {
        throw new AwsAuthError("rejected", "invalid principal");
      }
      if (this.#world.entries.has(content.principalArn)) {
        throw new AwsAuthError("conflict", "there is one");
      }
      this.#world.store({ ...content, username: content.username ?? defaultName(content), policies: [], tags });
    });
  }

  override update({ principalArn, username, groups }: Parameters<AccessEntryApi["update"]>[0]) {
    return this.#change("update entry", principalArn, (entry) => ({
      ...entry,
      username: username ?? defaultName({ principalArn }),
      groups,
    }));
  }

  override associate(principalArn: string, policy: Parameters<AccessEntryApi["associate"]>[1]) {
    return this.#change("associate policy", principalArn, (entry) => ({
      ...entry,
      policies: [...entry.policies.filter(({ policyArn }) => policyArn !== policy.policyArn), policy],
    }));
  }

  override disassociate(principalArn: string, policyArn: string) {
    return this.#change("disassociate policy", principalArn, (entry) => ({
      ...entry,
      policies: entry.policies.filter((policy) => policy.policyArn !== policyArn),
    }));
  }

  override tag(entryArn: string, tags: Readonly<Record<string, string>>) {
    return this.#change("tag entry", this.#named(entryArn), (entry) => ({
      ...entry,
      tags: { ...entry.tags, ...tags },
    }));
  }

  override untag(entryArn: string, keys: readonly string[]) {
    return this.#change("untag entry", this.#named(entryArn), (entry) => ({
      ...entry,
      tags: Object.fromEntries(Object.entries(entry.tags).filter(([key]) => !keys.includes(key))),
    }));
  }

  override delete(principalArn: string) {
    return this.#world.call("delete entry", () => void this.#world.entries.delete(principalArn));
  }

  override principal(arn: IamArn) {
    return this.#world.call("read principal", () => {
      if (this.#world.hidesIam) {
        throw new AwsAuthError("accessDenied", "IAM was refused");
      }
      return this.#world.principalAt(formatArn(arn));
    });
  }

  override eksRoles() {
    return this.#world.call("list node groups", () => []);
  }

  #named(entryArn: string): string {
    return [...this.#world.entries.values()].find(({ arn }) => arn === entryArn)?.principalArn ?? "";
  }

  #change(call: string, principalArn: string, change: (entry: LiveAccessEntry) => LiveAccessEntry): Promise<void> {
    return this.#world.call(call, () => {
      const entry = this.#world.entries.get(principalArn);
      if (entry === undefined) {
        throw new AwsAuthError("conflict", `there is no access entry for ${principalArn}`);
      }
      this.#world.store(change(entry));
    });
  }
}
