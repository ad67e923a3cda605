import { clustersAtOnce, mapConcurrent } from "../async/concurrency";
import { AwsAuthError } from "../errors";
import { fieldsOf, isFields } from "../text/fields";
import { holdsKubeconfig } from "../text/kubeconfigContent";
import { quoted } from "../text/text";
import { type ClusterRef, reportedId } from "./clusterRef";
import { resolveClusterRef } from "./resolveClusterRef";
import { connectionSources, type Settings } from "./settings";

/** A cluster that a report is to be about. */
export interface ClusterTarget {
  /** Names it where it cannot even be looked up. */
  readonly name: string;
  /** As the `cluster` of a program; undefined for the one that the settings name. */
  readonly cluster: unknown;
  readonly settings: Settings;
}

/** What a `cluster` input calls its cluster, for messages; undefined if nothing does. The content of a kubeconfig is a secret. */
export function nameOfCluster(cluster: unknown): string | undefined {
  const fields = isFields(cluster) ? cluster : { name: cluster };
  const names = ["name", "manifest", "context", "kubeconfig"].map((key) => fields[key]);
  return names.find((value): value is string => typeof value === "string" && !holdsKubeconfig(value));
}

/**
 * A cluster of a list in a program or a file. What it says itself of the way to it counts, whatever the environment says: else one
 * cluster would be read in the place of another.
 *
 * @param fallback names one that has no name.
 */
export function listedTarget(cluster: unknown, fallback: string, settings: Settings): ClusterTarget {
  const said = Object.entries(connectionSources).filter(([field]) => (fieldsOf(cluster)[field] ?? null) !== null);
  const env = { ...settings.env, ...Object.fromEntries(said.map(([, source]) => [source.env, undefined])) };
  return { name: nameOfCluster(cluster) ?? fallback, cluster, settings: { ...settings, env } };
}

export interface ReadOptions {
  /** Told after each cluster how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** The words for an error; by default its own. */
  readonly describe?: (error: AwsAuthError, target: ClusterTarget) => string;
}

interface Reported {
  /** The same in every report. */
  readonly id: string;
  readonly notes: readonly string[];
}

/**
 * Reads clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others. One that two
 * names lead to is there once. Of several of one ID, all but the first have a number behind it, and a note.
 */
export async function readClusters<Read extends Reported>(
  targets: readonly ClusterTarget[],
  { onProgress, describe = (error) => error.message }: ReadOptions,
  read: (ref: ClusterRef, settings: Settings) => Promise<Read>,
) {
  let done = 0;
  const results = await mapConcurrent(targets, clustersAtOnce, async (target) => {
    let id: string | undefined;
    let door = noDoor;
    try {
      const ref = await resolveClusterRef(target.cluster, target.settings);
      id = reportedId(ref);
      door = await doorOf(ref, target.settings);
      const cluster = await read(ref, target.settings);
      return { id: cluster.id, door, cluster };
    } catch (error) {
      if (!(error instanceof AwsAuthError)) {
        throw error;
      }
      return { id, door, unread: { name: target.name, code: error.code, message: describe(error, target) } };
    } finally {
      onProgress?.(++done);
    }
  });
  const clusters = new Map<string, Read>();
  const doors = new Map<string, readonly (Door & Pick<Reported, "id">)[]>();
  const taken = new Set(results.map(({ id }) => id));
  const ownId = (id: string, door: Door) => {
    const before = doors.get(id) ?? [];
    const known = before.find(({ key }) => key === door.key);
    const own = known?.id ?? (before.length === 0 ? id : numberedId(id, taken));
    if (known === undefined) {
      taken.add(own);
      doors.set(id, [...before, { ...door, id: own }]);
    }
    return own;
  };
  const unread = results.flatMap(({ id, door, cluster, unread }) => {
    const own = id === undefined ? undefined : ownId(id, door);
    if (cluster !== undefined && own !== undefined && !clusters.has(own)) {
      const first = doors.get(cluster.id)?.[0];
      const note = `${door.name} and ${first?.name} have the same ID ${id}; here the former is ${own}`;
      clusters.set(own, { ...cluster, id: own, notes: own === id ? cluster.notes : [...cluster.notes, note] });
    }
    return unread === undefined ? [] : [{ ...(own !== undefined && { id: own }), ...unread }];
  });
  return { clusters: [...clusters.values()], unread };
}

/** The ID with the next number that is free. A manifest's own name may end like one. */
function numberedId(id: string, taken: ReadonlySet<unknown>): string {
  let number = 2;
  while (taken.has(`${id}#${number}`)) {
    number++;
  }
  return `${id}#${number}`;
}

/** An ID without a number behind it. */
export function unnumberedId(id: string): string {
  return id.replace(/#\d+$/, "");
}

/** What tells clusters of one ID apart. */
interface Door {
  /** May contain credentials. */
  readonly key: string;
  /** For messages. */
  readonly name: string;
}

const noDoor: Door = { key: "", name: "" };

/** A gateway may lead each user to another cluster. */
async function doorOf(ref: ClusterRef, settings: Settings): Promise<Door> {
  if (ref.kind === "eks") {
    return noDoor;
  }
  if (ref.kind === "manifest") {
    return { key: ref.realPath, name: `manifest ${quoted(ref.realPath)}` };
  }
  const [{ loginOf }, { locateServer }] = await Promise.all([
    import("./kubeconfig/contextFor.js"),
    import("./kubeconfig/locate.js"),
  ]);
  const target = await locateServer(ref.server, ref, settings);
  const { context, kubeconfig } = target;
  return { key: loginOf(target), name: `context ${quoted(context)} of ${kubeconfig}` };
}
