import { isInEntry, isInMap } from "../accessEntries";
import { deletesUnreachable } from "../cluster";
import {
  type AwsAuthDocument,
  type Claim,
  covers,
  dropClaims,
  type Entry,
  findEntries,
  removeEntry,
} from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, isClusterGone, isMapIgnored, isOutOfReach } from "../errors";
import { type Mapping, principalOf } from "../mapping";
import type { ClusterSession } from "../session/session";
import { entryClusterOf } from "./accessEntry";
import {
  acceptChange,
  describeChangedOutside,
  describeKept,
  describeRemovedFound,
  describeRemovedShared,
  describeRemovedUnrecorded,
  describeSubject,
} from "./describe";
import { documentOf } from "./guardAccessEntry";
import { inTurn } from "./inTurn";
import { callerFor, describeLockout, guardRemoval } from "./lockout";
import { isLeftInMap, removeOrphan } from "./orphan";
import { entriesFor, hasContentOf, lastCovered, onlyEntry, ownEntry } from "./ownEntry";
import { claimantOfState, claimsOver, type Standing, standingOf } from "./ownership";
import { assertFound, type Intent, storedIntent } from "./plan";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import { removeAccessEntry } from "./writeAccessEntry";

/**
 * What happens to the entry of a deleted resource. `stranded` are the claims of others on content that no longer exists: they
 * shared the entry before somebody changed it.
 *
 * - `remove`: nobody else claims it
 * - `keep`: others want it, according to their claims or in this run
 * - `none`: it is gone, and no other entry can be identified as its changed version; `takenBy` are the claims of others on existing
 *   entries
 * - `inherited`: another resource with the same name has replaced its claim, so nothing is changed
 * - `changed`: the entry has other content now, and nobody claims that
 */
export type Removal =
  | {
      readonly kind: "remove";
      readonly entry: Entry;
      readonly stranded: readonly Claim[];
      readonly standing: Standing;
    }
  | { readonly kind: "keep"; readonly entry: Entry; readonly wantedBy: readonly Claim[]; readonly standing: Standing }
  | { readonly kind: "none"; readonly takenBy: readonly Claim[]; readonly standing: Standing }
  | { readonly kind: "inherited"; readonly standing: Standing }
  | {
      readonly kind: "changed";
      readonly entry: Entry;
      readonly stranded: readonly Claim[];
      readonly standing: Standing;
    };

/** Plans a delete: it removes only an entry with the content in the state, and only if nobody else wants that. */
export function planRemoval(
  document: AwsAuthDocument,
  intent: Pick<Intent, "noDuplicateARNs" | "ignored" | "declared" | "claimant"> & { readonly previous: Mapping },
): Removal {
  const { previous, noDuplicateARNs, ignored, declared, claimant } = intent;
  const standing = standingOf(document, principalOf(previous), claimant);
  const { ownClaims, otherClaims } = standing;
  const entries = entriesFor(document, previous);
  const isDeclared = (entry: Entry) =>
    declared.some(({ mapping }) => mapping !== undefined && hasContentOf(entry, mapping));
  const stranded = otherClaims.filter((claim) => lastCovered(entries, [claim]) === undefined);
  const target = ownEntry(entries, previous, ignored, standing);
  const successors = claimant.id === undefined ? [] : otherClaims.filter(({ label }) => label === claimant.label);
  const isInherited = target === undefined ? successors.length > 0 : claimsOver(successors, [target]).length > 0;
  if (ownClaims.length === 0 && isInherited) {
    return { kind: "inherited", standing };
  }
  if (target !== undefined) {
    const wantedBy = claimsOver(otherClaims, [target]);
    return wantedBy.length > 0 || isDeclared(target)
      ? { kind: "keep", entry: target, wantedBy, standing }
      : { kind: "remove", entry: target, stranded, standing };
  }
  const unclaimed = entries.filter((entry) => claimsOver(otherClaims, [entry]).length === 0 && !isDeclared(entry));
  const changed = onlyEntry(unclaimed, noDuplicateARNs, standing);
  return changed === undefined
    ? { kind: "none", takenBy: claimsOver(otherClaims, entries), standing }
    : { kind: "changed", entry: changed, stranded, standing };
}

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
        await removeEntryOf(run, session, state, previous, await isTakenByEntry(session, state));
      }
      if (isInEntry(state.mode)) {
        const isGone = await removeAccessEntry(session, state, claimantOfState(state), run.settings);
        if (isGone && !isInMap(state.mode)) {
          await removeLeft(run, session, state, previous);
        }
      } else if (state.claim.id !== undefined) {
        await removeOrphan(session, state, run.settings);
      }
    });
  } catch (error) {
    if (isClusterGone(error)) {
      await report("warning", `${error.message}; treating its mappings as deleted`, undefined);
    } else if (isMapIgnored(error)) {
      await report("warning", `${error.message}; the entry of ${id} stays where it is, without effect`, undefined);
    } else if (isOutOfReach(error) && deletesUnreachable(run.settings)) {
      await report("warning", `${error.message}; ${id} is dropped from the state and stays in the cluster`, undefined);
    } else {
      throw error;
    }
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
    assertFound(document, removal.kind === "remove" || removal.kind === "keep" ? removal.entry : undefined, previous);
    if (removal.kind === "changed") {
      const ways = waysOn(owner !== undefined && run.declares(owner));
      throw new AwsAuthError("changedOutside", describeChangedOutside(document, removal, previous, ways));
    }
    const without = removal.kind === "inherited" ? document : dropClaims(document, removal.standing.ownClaims);
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
  const wantedBy = claimsLeft(removal).filter(({ label }) => !labels.includes(label));
  if (wantedBy.length > 0) {
    await report("info", describeKept(previous, wantedBy), undefined);
  }
  // Others do not count beside an access entry.
  if (!isMoved && (removal.kind === "remove" || removal.kind === "none")) {
    await warnOfOthers(session, previous, removal.standing.otherClaims, declared.length);
  }
}

/** The result of a delete. */
interface Removed {
  readonly removal: Removal;
  readonly lockedOut: readonly string[];
}

/** The claims of others that keep an entry. */
function claimsLeft(removal: Removal): readonly Claim[] {
  return removal.kind === "keep" ? removal.wantedBy : removal.kind === "none" ? removal.takenBy : [];
}

/**
 * @param hasId whether the state has a claim ID. If so, and the record does not contain it, the claim was lost.
 * @param isMoved whether an access entry takes the entry's place, which is what the program asks for.
 */
function warningsOf(removal: Removal, previous: Mapping, hasId: boolean, isMoved: boolean): string[] {
  if (removal.kind !== "remove") {
    return [];
  }
  const { standing, stranded } = removal;
  return [
    ...(!isMoved && standing.ownClaims.some(({ isFound }) => isFound) ? [describeRemovedFound(previous)] : []),
    ...(hasId && standing.ownClaims.length === 0 ? [describeRemovedUnrecorded(previous)] : []),
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
  const entries = findEntries(await documentOf(session), principalOf(previous));
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
