import { AwsAuthError } from "../errors";
import { report } from "../pulumi/diagnostics";
import type { ClusterSession } from "../session/session";
import { isWithoutEffect } from "./mode";
import { entriesPlace } from "./places/entries";
import { mapPlace } from "./places/map";
import type { LocatedMapping, Place } from "./places/place";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { nothing, type PlaceName, placeNames, type Situation, type View, type Views } from "./types";

/** Both places of a cluster, as read for one operation on one mapping. */
export interface Observed {
  readonly places: Readonly<Record<PlaceName, Place>>;
  readonly views: Views;
  readonly situation: Situation;
}

/**
 * Reads the entries of a principal in both places. A place in which the mapping is not stored may be unknown. But if
 * the program or the stack sets a mode, access entries must be readable, since they take precedence.
 *
 * @param needed the places in which the mapping is stored.
 * @param isFresh reads both places again, even if this run has read them.
 */
export async function observe(
  run: Run,
  session: ClusterSession,
  mapping: LocatedMapping,
  { claimId, isModeSet }: Pick<ResourceState, "claimId" | "isModeSet">,
  needed: readonly PlaceName[],
  isFresh = false,
): Promise<Observed> {
  const places = { map: mapPlace(session), entries: entriesPlace(session) };
  const entries = await session.accessEntries();
  const clusterMode = (await entries?.cluster())?.authenticationMode;
  const read = async (name: PlaceName): Promise<View> => {
    try {
      return await places[name].observe(mapping, isFresh);
    } catch (error) {
      const isNeeded = needed.includes(name) || (name === "entries" && isModeSet);
      if (isNeeded || !(error instanceof AwsAuthError)) {
        throw error;
      }
      const what =
        name === "entries" ? "access entries are not compared, since they" : "aws-auth is not compared, since it";
      await report("info", `${what} cannot be read: ${error.message}`, undefined);
      return "unknown";
    }
  };
  const readEntries = async (): Promise<View> => {
    if (mapping.kind === "account" && !needed.includes("entries")) {
      return nothing;
    }
    const mayHaveEntries = entries !== undefined || (await session.hiddenEntries()) !== undefined;
    return mayHaveEntries || needed.includes("entries") ? read("entries") : nothing;
  };
  // A map that the cluster ignores cannot conflict with anything.
  const readMap = async (): Promise<View> => (isWithoutEffect("map", clusterMode) ? "unknown" : read("map"));
  const [map, ofEntries] = await Promise.all([readMap(), readEntries()]);
  const { program } = run;
  const { principal } = mapping;
  return {
    places,
    views: { map, entries: ofEntries },
    situation: {
      clusterMode,
      hasFailedSuccessor: program.hasFailed(session.cluster, principal, claimId),
      justWritten: placeNames.filter((place) => program.hasWritten(session.cluster, principal, place)),
    },
  };
}

/** Reports that IAM does not return which roles and users exist, so that access entries are treated as alive. */
export async function reportIamRefusal(session: ClusterSession): Promise<void> {
  const refusal = (await session.accessEntries())?.iamRefusal;
  if (refusal !== undefined) {
    const unknown = "it is unknown whether roles and users exist, and whether their access entries still grant access";
    await report("info", `${unknown}: ${refusal}`, undefined);
  }
}
