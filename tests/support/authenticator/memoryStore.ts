import type { MapChanges } from "../../../provider/awsAuthMap/index.ts";
import type { ConfigMapStore, StoredConfigMap } from "../../../provider/cluster/store.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import type { MapData } from "./maps.ts";

/** A ConfigMap in memory. */
export class MemoryStore implements ConfigMapStore {
  readonly label = "memory";
  readonly isCluster = true;
  readonly warnings: readonly string[] = [];
  #data: MapData;
  #claims: string | undefined;
  #writes = 0;
  #version = 0;

  constructor(data: MapData) {
    this.#data = data;
  }

  /** What it holds. */
  get data(): MapData {
    return this.#data;
  }

  /** Its record of claims. */
  get claims(): string | undefined {
    return this.#claims;
  }

  /** How often it was written, by hand not counted. */
  get writes(): number {
    return this.#writes;
  }

  /** Changes it as by hand. */
  edit(data: MapData, claims: string | undefined): void {
    this.#data = data;
    this.#claims = claims;
    this.#version++;
  }

  async read(): Promise<StoredConfigMap> {
    return { data: this.#data, version: String(this.#version), claims: this.#claims };
  }

  async write({ data, claims }: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    if (base.version !== String(this.#version)) {
      throw new AwsAuthError("conflict", "somebody else wrote");
    }
    this.#data = { ...this.#data, ...data };
    if (claims !== undefined) {
      this.#claims = claims ?? undefined;
    }
    this.#writes++;
    this.#version++;
    return this.read();
  }

  async caller(): Promise<undefined> {}

  async account(): Promise<undefined> {}
}
