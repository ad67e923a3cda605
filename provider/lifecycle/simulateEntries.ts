import { effectiveMap, mapFor } from "../access/effectiveMap";
import { type AccessEntryContent, isInEntry, planAccessEntryRemoval } from "../accessEntries";
import { type ClusterRef, type Settings, wayTo } from "../cluster";
import type { AwsAuthDocument } from "../document";
import { AwsAuthError } from "../errors";
import { principalKey, sameContent } from "../mapping";
import { KnownEntries } from "../session/knownEntries";
import { contentOf, type EntryCluster, ignoredOf, liveEntry, planEntryOf, withoutDead } from "./accessEntry";
import { claimantInWrite, claimantOfState } from "./ownership";
import { flagsOf, type ResourceState } from "./state";

/** A mapping of the stack before and after the run; undefined where it is not there, or not on this cluster. */
export interface MappingRun {
  readonly before: ResourceState | undefined;
  readonly after: ResourceState | undefined;
  readonly ignoreChanges: readonly string[];
  /** False if its entries say what the state says, as `check` has found. */
  readonly isChanged: boolean;
}

/** The maps of a cluster before and after a run. */
export interface Maps {
  readonly live: AwsAuthDocument;
  readonly after: AwsAuthDocument;
}

/** The maps as far as these principals are concerned; undefined stands for all. */
function mapsFor({ live, after }: Maps, principals: ReadonlySet<string> | undefined): Maps {
  return principals === undefined
    ? { live, after }
    : { live: mapFor(live, principals), after: mapFor(after, principals) };
}

/** The access entries of a cluster, as far as a simulation has come. */
export interface SimulatedEntries {
  at?: EntryCluster;
  contents?: ReadonlyMap<string, AccessEntryContent>;
}

/**
 * The maps that say who gets in before and after a run, with the access entries of the cluster, if any mapping has one.
 *
 * @param known what earlier parts of the run have come to, and then this one.
 * @param principals who the maps are to decide about; undefined for everybody.
 */
export async function withAccessEntries(
  ref: ClusterRef,
  maps: Maps,
  mappings: readonly MappingRun[],
  settings: Settings,
  known: SimulatedEntries = {},
  principals?: ReadonlySet<string>,
): Promise<Maps> {
  const states = mappings.flatMap(({ before, after }) => [before, after]);
  const isAsked = states.some((state) => state !== undefined && isInEntry(state.mode));
  const at = isAsked ? (known.at ?? (await entriesOn(ref, settings))) : undefined;
  const concerned = mapsFor(maps, principals);
  if (at === undefined) {
    return concerned;
  }
  const contents = known.contents === undefined ? await contentsOf(at, mappings) : [...known.contents.values()];
  // Whoever is in none of these mappings has the same access before and after, or none.
  const changed = new Set(mappings.filter((mapping) => !isKept(mapping)).flatMap(principalsIn));
  const live = await withoutDead(at, contents, ({ principalArn }) => changed.has(principalKey(principalArn)));
  const after = new Map<string, AccessEntryContent>(live.map((entry) => [principalKey(entry.principalArn), entry]));
  for (const mapping of mappings) {
    if (!isKept(mapping)) {
      await simulateEntry(at, after, mapping, settings);
    }
  }
  Object.assign(known, { at, contents: after });
  const { authenticationMode } = at.cluster;
  const isConcerned = ({ principalArn }: AccessEntryContent) => principals?.has(principalKey(principalArn)) ?? true;
  return {
    live: effectiveMap(concerned.live, live.filter(isConcerned), authenticationMode),
    after: effectiveMap(concerned.after, [...after.values()].filter(isConcerned), authenticationMode),
  };
}

function principalsIn({ before, after }: MappingRun): readonly string[] {
  return [before, after].flatMap((state) => state?.principal ?? []);
}

async function entriesOn(ref: ClusterRef, settings: Settings): Promise<EntryCluster | undefined> {
  const open = (await wayTo(ref, settings)).open().accessEntries;
  if (open === undefined) {
    return undefined;
  }
  const entries = new KnownEntries(await open());
  return { entries, cluster: await entries.cluster() };
}

async function contentsOf(at: EntryCluster, mappings: readonly MappingRun[]): Promise<readonly AccessEntryContent[]> {
  // What is known to be as it should be need not be read again.
  const kept = mappings.filter(isKept).flatMap(({ before }) => (before === undefined ? [] : contentOf(at, before)));
  const read = await at.entries.all(new Set(kept.map(({ principalArn }) => principalArn)));
  return [...kept, ...read];
}

/** Whether a mapping has an access entry that says just what state and program say. */
function isKept({ before, after, ignoreChanges, isChanged }: MappingRun): boolean {
  const [old, wanted] = [before?.mapping, after?.mapping];
  const areInEntry = [before, after].every((state) => state !== undefined && isInEntry(state.mode));
  const isSame = old !== undefined && wanted !== undefined && sameContent(old, wanted);
  return areInEntry && isSame && !isChanged && ignoreChanges.length === 0;
}

async function simulateEntry(
  at: EntryCluster,
  entries: Map<string, AccessEntryContent>,
  { before, after, ignoreChanges }: MappingRun,
  settings: Settings,
): Promise<void> {
  const had = before !== undefined && isInEntry(before.mode) ? before : undefined;
  try {
    if (after !== undefined && isInEntry(after.mode)) {
      const isSame = had !== undefined && had.principal === after.principal;
      const wish = {
        previous: isSame ? had : undefined,
        claimant: claimantInWrite(had?.claim.id, after),
        isAgreed: false,
        ignored: ignoreChanges,
      };
      const { plan } = await planEntryOf(at, after, wish, flagsOf(after, settings).adopt);
      // Conflicts have failed in the resource's own check.
      if ("wanted" in plan && plan.kind !== "conflict" && plan.kind !== "held" && plan.kind !== "takenOver") {
        entries.set(after.principal ?? "", plan.wanted);
      }
    } else if (had !== undefined) {
      const content = contentOf(at, had);
      const removal = planAccessEntryRemoval(await liveEntry(at, content), {
        previous: content,
        ignored: ignoredOf(had.claim.ignored ?? []),
        claimant: claimantOfState(had),
        isMade: had.accessEntry?.isMade === true,
        declared: [],
      });
      if (removal.kind === "remove") {
        entries.delete(had.principal ?? "");
      }
    }
  } catch (error) {
    // A mapping without an access entry that says the same has failed in its own check.
    if (!(error instanceof AwsAuthError && error.code === "invalidInput")) {
      throw error;
    }
  }
}
