import type { ClientRequest } from "node:http";
import { request } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { parse } from "yaml";
import { claimsAnnotation } from "../../../provider/document/record.ts";
import { AwsAuthMap, type ConfigMap } from "./awsAuth.ts";
import type { TestCluster } from "./startCluster.ts";

/** One version of the map. */
export interface MapVersion {
  /** When it was reported, in milliseconds of `Date.now()`. */
  readonly at: number;
  readonly resourceVersion: string;
  /** The entries of mapRoles with an ARN, from {@link entryKey}, each as often as it is there. */
  readonly entries: readonly string[];
  /** The lines of the record of claims. */
  readonly claims: readonly string[];
}

/** Names an entry by all that it says. */
export function entryKey(arn: string, username: string, groups: readonly string[]): string {
  return JSON.stringify([arn, username, groups]);
}

/** Every version of a cluster's map, as the API server's watch tells them one after the other: none is left out. */
export class MapHistory {
  readonly versions: MapVersion[] = [];
  readonly #map: AwsAuthMap;
  readonly #known = new Map<string, readonly string[]>();
  #watch: ClientRequest | undefined;
  #ended: Error | undefined;

  private constructor(map: AwsAuthMap) {
    this.#map = map;
  }

  /** Begins with the version that is in force. */
  static async start(cluster: TestCluster): Promise<MapHistory> {
    const map = new AwsAuthMap(cluster);
    const history = new MapHistory(map);
    const first = await map.read();
    if (first === undefined) {
      throw new Error("there is no map to watch");
    }
    history.#add(first);
    await history.#follow(cluster, first.metadata.resourceVersion);
    return history;
  }

  /** Ends it, once the current version has been reported. */
  async stop(): Promise<void> {
    const last = (await this.#map.read())?.metadata.resourceVersion;
    while (this.versions.at(-1)?.resourceVersion !== last && this.#ended === undefined) {
      await setTimeout(10);
    }
    this.#watch?.destroy();
    if (this.versions.at(-1)?.resourceVersion !== last) {
      throw this.#ended ?? new Error("the watch is behind");
    }
  }

  /** The versions in force from one moment up to another, that at the beginning included. */
  between(from: number, to: number): readonly MapVersion[] {
    const first = this.versions.findLastIndex(({ at }) => at <= from);
    return this.versions.slice(Math.max(first, 0)).filter(({ at }) => at < to);
  }

  async #follow(cluster: TestCluster, from: string): Promise<void> {
    const query = `watch=1&fieldSelector=metadata.name%3Daws-auth&resourceVersion=${from}&timeoutSeconds=3600`;
    const url = new URL(`/api/v1/namespaces/kube-system/configmaps?${query}`, cluster.server);
    const headers = { authorization: `Bearer ${cluster.adminToken}` };
    await new Promise<void>((resolve, reject) => {
      const end = (error: Error) => {
        this.#ended ??= error;
        reject(error);
      };
      this.#watch = request(url, { ca: Buffer.from(cluster.caData, "base64"), headers }, (response) => {
        createInterface({ input: response })
          .on("line", (line) => this.#told(JSON.parse(line)))
          .on("error", end)
          .on("close", () => end(new Error("the watch has ended")));
        resolve();
      })
        .on("error", end)
        .end();
    });
  }

  #told({ type, object }: { readonly type: string; readonly object: ConfigMap }): void {
    if (type !== "MODIFIED") {
      this.#ended ??= new Error(`the watch tells ${type}: ${JSON.stringify(object)}`);
      return;
    }
    this.#add(object);
  }

  #add({ metadata, data }: ConfigMap): void {
    this.versions.push({
      at: Date.now(),
      resourceVersion: metadata.resourceVersion,
      entries: (data?.["mapRoles"] ?? "").split(/^(?=- )/m).flatMap((piece) => this.#keyOf(piece)),
      claims: metadata.annotations?.[claimsAnnotation]?.split("\n") ?? [],
    });
  }

  /** What an entry's text says; most of them stand in one version after the other. */
  #keyOf(piece: string): readonly string[] {
    const known = this.#known.get(piece) ?? keysIn(piece);
    this.#known.set(piece, known);
    return known;
  }
}

function keysIn(piece: string): readonly string[] {
  const entries: { rolearn?: string; username?: string; groups?: string[] }[] = parse(piece) ?? [];
  return entries.flatMap(({ rolearn, username = "", groups = [] }) =>
    rolearn === undefined ? [] : [entryKey(rolearn, username, groups)],
  );
}
