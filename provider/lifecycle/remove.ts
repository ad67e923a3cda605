import { isInEntry, isInMap } from "../accessEntries";
import { deletesUnreachable } from "../cluster";
import { type Claim, covers, dropClaims, findEntries, removeEntry } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, isClusterGone, isMapIgnored, isOutOfReach } from "../errors";
import { type Mapping, principalOf } from "../mapping";
import type { ClusterSession } from "../session/session";
import { entryClusterOf } from "./accessEntry";
import {
  acceptChange,
  describeChangedOutside,
  describeEndedNamesake,
  describeKept,
  describeRemovedFound,
  describeRemovedShared,
  describeRemovedUnrecorded,
  describeSubject,
} from "./describe";
import { documentIfReadable } from "./guardAccessEntry";
import { inTurn } from "./inTurn";
import { callerFor, describeLockout, guardRemoval } from "./lockout";
import { isLeftInMap, removeOrphan } from "./orphan";
import { claimantOfState } from "./ownership";
import { assertFound, planRemoval, type Removal, storedIntent } from "./plan";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { removeAccessEntry } from "./writeAccessEntry";

/**
 * Removes the entry with the content in the state if nobody else wants it. Succeeds if the entry is gone, if others have taken it
 * over, or if the EKS cluster no longer exists. Fails if somebody changed the entry.
 */
export async function remove(run: Run, id: string, state: ResourceState): Promise<void> {
  const { mapping: previous } = state;
  if (previous === undefined) {
    return;
  }
  try {
    const session = await run.sessionOf(state.cluster);
    await inTurn(session, state, undefined, run.settings, async () => {
      if (isInMap(state.mode)) {
        // What keeps this run from aws-auth does not keep it from the access entry.
        const step = async () => removeEntryOf(run, session, state, previous, await isTakenByEntry(session, state));
        await (isInEntry(state.mode) ? unlessLeft(run, id, step) : step());
      }
      if (isInEntry(state.mode)) {
        const isGone = await removeAccessEntry(session, state, claimantOfState(state), run.settings);
        if (isGone && !isInMap(state.mode)) {
          await removeLeft(run, session, state, previous);
        }
      } else if (state.claim.id !== undefined) {
        await removeOrphan(session, state, claimantOfState(state), run.settings);
      }
    });
  } catch (error) {
    await tolerate(run, id, error);
  }
}

/** The step of one place, of two. */
async function unlessLeft(run: Run, id: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (isClusterGone(error)) {
      throw error;
    }
    await tolerate(run, id, error);
  }
}

/** Reports what a delete leaves, if the cluster or the stack's settings let it. Rethrows any other error. */
async function tolerate({ settings }: Run, what: string, error: unknown): Promise<void> {
  if (isClusterGone(error)) {
    await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
  } else if (isMapIgnored(error)) {
    await report("warning", `${error.message}; the entry of ${what} stays where it is, without effect`, undefined);
  } else if (isOutOfReach(error) && deletesUnreachable(settings)) {
    await report("warning", `${error.message}; ${what} is dropped from the state and stays in the cluster`, undefined);
  } else {
    throw error;
  }
}

/**
 * Whether another resource of this run, such as this one under another name, has an access entry that says the same. Waits until that
 * lets the principal in.
 */
async function isTakenByEntry(session: ClusterSession, { principal = "", mapping }: ResourceState): Promise<boolean> {
  const isTaken = session.declarations.agreeing(principal, mapping, undefined).some(({ mode }) => isInEntry(mode));
  if (isTaken) {
    const { entries } = await entryClusterOf(session);
    const found = await entries.find(principal);
    await Promise.all(found.map(({ principalArn }) => entries.inForce(principalArn)));
  }
  return isTaken;
}

/**
 * Removes what an earlier run has left of a mapping in aws-auth: one that failed on the way back, for example. Entries of others let the
 * principal in again, now that the access entry is gone, which is told.
 */
async function removeLeft(run: Run, session: ClusterSession, state: ResourceState, previous: Mapping): Promise<void> {
  if (await isLeftInMap(session, state)) {
    await removeEntryOf(run, session, state, previous, false);
  } else {
    await warnOfOthers(session, previous, [], 0);
  }
}

/**
 * Removes the entry of a resource whose access entry has been proven. A cluster that ignores aws-auth keeps it there, without effect.
 *
 * @throws AwsAuthError `changedOutside` if somebody changed it, and any of the cluster codes.
 */
export async function leaveMap(run: Run, session: ClusterSession, state: ResourceState): Promise<void> {
  try {
    if (state.mapping !== undefined) {
      await removeEntryOf(run, session, state, state.mapping, true);
    }
  } catch (error) {
    if (!isMapIgnored(error)) {
      throw error;
    }
  }
}

/** @param isMoved whether the access entry of the resource is there, so that nobody loses access. */
async function removeEntryOf(
  run: Run,
  session: ClusterSession,
  state: ResourceState,
  previous: Mapping,
  isMoved: boolean,
): Promise<void> {
  const { owner, id } = state.claim;
  const intent = storedIntent(session, state, previous, run.settings);
  const { declared } = intent;
  const caller = await callerFor(session, previous);
  const { removal, lockedOut } = await session.commit<Removed>((document) => {
    const removal = planRemoval(document, intent);
    assertFound(document, removal.kind === "changed" ? undefined : removal.entry, previous);
    if (removal.kind === "changed") {
      const ways = waysOn(owner !== undefined && run.declares(owner));
      throw new AwsAuthError("changedOutside", describeChangedOutside(document, removal, previous, ways));
    }
    const without =
      removal.kind === "inherited"
        ? document
        : dropClaims(document, [...removal.standing.own, ...removal.standing.earlier]);
    if (removal.kind !== "remove") {
      return { document: without, result: { removal, lockedOut: [] } };
    }
    const after = removeEntry(without, removal.entry);
    const lockouts = isMoved ? [] : guardRemoval(document, after, previous, caller, run.settings);
    const lockedOut = lockouts.map((lockout) => describeLockout(document, lockout, "done"));
    return { document: after, result: { removal, lockedOut } };
  });
  for (const warning of [...lockedOut, ...warningsOf(removal, previous, id !== undefined, isMoved)]) {
    await report("warning", warning, undefined);
  }
  const labels = declared.map(({ label }) => label);
  const wantedBy = removal.wantedBy.filter(({ label }) => !labels.includes(label));
  if (wantedBy.length > 0) {
    const isOwnName = wantedBy.some(({ label }) => label === owner);
    await report(isOwnName ? "warning" : "info", describeKept(previous, wantedBy, isOwnName), undefined);
  }
  // Others do not count beside an access entry.
  if (!isMoved && (removal.kind === "remove" || removal.kind === "none")) {
    await warnOfOthers(session, previous, [...removal.standing.siblings, ...removal.standing.others], declared.length);
  }
}

/** The result of a delete. */
interface Removed {
  readonly removal: Removal;
  readonly lockedOut: readonly string[];
}

/**
 * @param hasId whether the state has a claim ID. If so, and the record does not contain it, the claim was lost.
 * @param isMoved whether an access entry takes the entry's place, which is what the program asks for.
 */
function warningsOf(removal: Removal, previous: Mapping, hasId: boolean, isMoved: boolean): string[] {
  const { standing, stranded } = removal;
  const { own, earlier } = standing;
  const ended = removal.kind === "inherited" || earlier.length === 0 ? [] : [describeEndedNamesake(previous, earlier)];
  if (removal.kind !== "remove") {
    return ended;
  }
  const isFound = [...own, ...earlier].some((claim) => claim.isFound);
  return [
    ...ended,
    ...(!isMoved && isFound ? [describeRemovedFound(previous)] : []),
    ...(hasId && own.length === 0 ? [describeRemovedUnrecorded(previous)] : []),
    ...(stranded.length > 0 ? [describeRemovedShared(previous, stranded)] : []),
  ];
}

/** @param isReplaced whether the program still declares the resource, so that the state has two resources of this name. */
function waysOn(isReplaced: boolean): string {
  return isReplaced
    ? acceptChange
    : `${acceptChange}; to leave it where it is, run "pulumi state delete" on this resource`;
}

/** @param claims the claims of others, whose own entries need no warning. */
async function warnOfOthers(
  session: ClusterSession,
  previous: Mapping,
  claims: readonly Claim[],
  declared: number,
): Promise<void> {
  const entries = findEntries(await documentIfReadable(session), principalOf(previous));
  const left = entries.filter((entry) => !claims.some((claim) => covers(claim, entry))).length - declared;
  if (left > 0) {
    const number = left === 1 ? "1 entry" : `${left} entries`;
    const verbs = left === 1 ? ["remains", "gives"] : ["remain", "give"];
    await report(
      "warning",
      `${number} for ${describeSubject(previous)} ${verbs[0]} in kube-system/aws-auth and still ${verbs[1]} access`,
      undefined,
    );
  }
}
