import type { ConfigMapStore, StoredConfigMap } from "../../../provider/cluster/store.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import type { MapData } from "./maps.ts";

/** A ConfigMap in memory. */
export class MemoryStore implements ConfigMapStore {
  readonly label = "memory";
  readonly warnings: readonly string[] = [];
  #data: MapData;
  #writes = 0;

  constructor(data: MapData) {
    this.#data = data;
  }

  /** What it holds. */
  get data(): MapData {
    return this.#data;
  }

  /** How often it was written. */
  get writes(): number {
    return this.#writes;
  }

  async read(): Promise<StoredConfigMap> {
    return { data: this.#data, version: String(this.#writes) };
  }

  async write(changes: MapData, base: StoredConfigMap): Promise<StoredConfigMap> {
    if (base.version !== String(this.#writes)) throw new AwsAuthError("conflict", "somebody else wrote");
    this.#data = { ...this.#data, ...changes };
    this.#writes++;
    return this.read();
  }

  async caller(): Promise<undefined> {}
}
