import { effectiveMap } from "../access/effectiveMap";
import { type AccessEntryContent, planAccessEntryRemoval } from "../accessEntries";
import { type ClusterRef, type Settings, wayTo } from "../cluster";
import type { AwsAuthDocument } from "../document";
import { AwsAuthError } from "../errors";
import { principalKey, sameContent } from "../mapping";
import { KnownEntries } from "../session/knownEntries";
import { contentOf, type EntryCluster, ignoredOf, isInEntry, liveEntry, planEntryOf } from "./accessEntry";
import { claimantOfState } from "./ownership";
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

/** The maps that say who gets in before and after a run, with the access entries of the cluster, if any mapping has one. */
export async function withAccessEntries(
  ref: ClusterRef,
  maps: Maps,
  mappings: readonly MappingRun[],
  settings: Settings,
): Promise<Maps> {
  const states = mappings.flatMap(({ before, after }) => [before, after]);
  const open = states.some((state) => state !== undefined && isInEntry(state.mode))
    ? (await wayTo(ref, settings)).open().accessEntries
    : undefined;
  if (open === undefined) {
    return maps;
  }
  const entries = new KnownEntries(await open());
  const at = { entries, cluster: await entries.cluster() };
  // What is known to be as it should be need not be read again.
  const kept = mappings.filter(isKept).flatMap(({ before }) => (before === undefined ? [] : contentOf(at, before)));
  const read = await entries.all(new Set(kept.map(({ principalArn }) => principalArn)));
  const live = [...kept, ...read];
  const after = new Map<string, AccessEntryContent>(live.map((entry) => [principalKey(entry.principalArn), entry]));
  for (const mapping of mappings) {
    if (!isKept(mapping)) {
      await simulateEntry(at, after, mapping, settings);
    }
  }
  const { authenticationMode } = at.cluster;
  return {
    live: effectiveMap(maps.live, live, authenticationMode),
    after: effectiveMap(maps.after, [...after.values()], authenticationMode),
  };
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
        claimant: had === undefined ? { id: undefined, label: undefined } : claimantOfState(had),
        label: undefined,
        agreeing: [],
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
