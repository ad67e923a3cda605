import { effectiveMap } from "../access/effectiveMap";
import { type AccessEntryContent, planAccessEntryRemoval } from "../accessEntries";
import { type ClusterRef, type Settings, wayTo } from "../cluster";
import type { AwsAuthDocument } from "../document";
import { AwsAuthError } from "../errors";
import { principalKey } from "../mapping";
import { KnownEntries } from "../session/knownEntries";
import { contentOf, type EntryCluster, ignoredOf, isInEntry, liveEntry, planEntryOf } from "./accessEntry";
import { claimantOfState } from "./ownership";
import { flagsOf, type ResourceState } from "./state";

/** A mapping of the stack before and after the run; undefined where it is not there, or not on this cluster. */
export interface MappingRun {
  readonly before: ResourceState | undefined;
  readonly after: ResourceState | undefined;
  readonly ignoreChanges: readonly string[];
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
  const live = await entries.all();
  const after = new Map<string, AccessEntryContent>(live.map((entry) => [principalKey(entry.principalArn), entry]));
  for (const mapping of mappings) {
    await simulateEntry(at, after, mapping, settings);
  }
  const { authenticationMode } = at.cluster;
  return {
    live: effectiveMap(maps.live, live, authenticationMode),
    after: effectiveMap(maps.after, [...after.values()], authenticationMode),
  };
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
      const removal = planAccessEntryRemoval(await liveEntry(at, content.principalArn), {
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
