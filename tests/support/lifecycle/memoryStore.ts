import { type AwsAuthMap, appendEntry, entriesOf, type MapChanges } from "../../../provider/awsAuthMap/index.ts";
import type { ConfigMapStore, StoredConfigMap } from "../../../provider/cluster/store.ts";
import { AwsAuthError } from "../../../provider/errors.ts";

/** A store in memory, which holds writes until they are released. */
export class MemoryStore implements ConfigMapStore {
  readonly label = "memory";
  data: Record<string, string> = { mapRoles: "[]\n" };
  claims: string | undefined;
  version = 1;
  reads = 0;
  /** The data of each write at the current version, stored or refused. */
  readonly writes: Record<string, string>[] = [];
  beforeRead: () => void = () => {};
  beforeWrite: () => Promise<void> | void = () => {};
  /** The server's refusal of a write that would result in this data. */
  refuse: (data: Readonly<Record<string, string>>) => AwsAuthError | undefined = () => undefined;
  /** Called after a write is stored, before its response. */
  afterWrite: () => void = () => {};

  async read(): Promise<StoredConfigMap> {
    this.reads++;
    this.beforeRead();
    return this.#stored();
  }

  async write({ data, claims }: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    await this.beforeWrite();
    if (base.version !== String(this.version)) {
      throw new AwsAuthError("conflict", "changed");
    }
    const refusal = this.refuse({ ...this.data, ...data });
    this.writes.push({ ...data });
    if (refusal !== undefined) {
      throw refusal;
    }
    this.foreignWrite(data);
    if (claims !== undefined) {
      this.claims = claims ?? undefined;
    }
    this.afterWrite();
    return this.#stored();
  }

  async caller(): Promise<undefined> {}

  async account(): Promise<undefined> {}

  foreignWrite(changes: Readonly<Record<string, string>>): void {
    this.data = { ...this.data, ...changes };
    this.version++;
  }

  #stored(): StoredConfigMap {
    return { data: { ...this.data }, version: String(this.version), claims: this.claims };
  }
}

export const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
export const add = (name: string) => (document: AwsAuthMap) => ({
  document: appendEntry(document, { kind: "role", arn: arn(name), username: name, groups: [] }),
  result: name,
});
export const namesIn = (document: AwsAuthMap) => entriesOf(document).map(({ username }) => username);
