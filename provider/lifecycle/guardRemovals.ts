import { connectionKey, openStore, type Settings } from "../cluster";
import { type AwsAuthDocument, type Entry, removeEntry } from "../document";
import { AwsAuthError } from "../errors";
import { principalOf } from "../mapping";
import { findLockouts, groupBy } from "../report";
import { type Claim, Claims } from "../session/claims";
import { ClusterSession } from "../session/session";
import { applyPlan } from "./applyPlan";
import { nameOf } from "./context";
import { describeLockout, describeRefusal } from "./describeLockout";
import { flagsOf } from "./flags";
import { isLockoutRefused } from "./guard";
import { inForceWithout } from "./inForceAfter";
import { intentOf } from "./intent";
import { isConflict, planEntry, planRemoval } from "./plan";
import { type DeclaredMapping, isSameEntry, removedFrom, type StoredMapping } from "./removals";
import { run } from "./run";
import { isSameCluster, mappingOf, type Properties } from "./state";

/** What the removals of a run lock out. */
export interface GuardedRemovals {
  /** One sentence each. */
  readonly messages: readonly string[];
  /** Whether the stack says that the run must not go on. */
  readonly isRefused: boolean;
}

/**
 * Finds what is locked out by the removal of mappings that a program no longer declares. The engine tells a provider of a removal
 * only when it is to be done, so that this is for a preview, in the process of the program itself. Each cluster concerned is read
 * once; one that cannot be read is left to the removal, which says so.
 */
export async function guardRemovals(
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
  settings: Settings,
): Promise<GuardedRemovals> {
  run.settings = settings;
  const removed = groupBy(removedFrom(stored, declared), ({ outputs }) => JSON.stringify(outputs["cluster"]));
  const reasons: string[] = [];
  for (const ofCluster of removed.values()) {
    try {
      reasons.push(...(await guardCluster(ofCluster, stored, declared)));
    } catch (error) {
      if (!(error instanceof AwsAuthError)) {
        throw error;
      }
    }
  }
  const isRefused = reasons.length > 0 && isLockoutRefused();
  return {
    messages: isRefused ? [describeRefusal(reasons, ", or where nothing is removed, as with --target")] : reasons,
    isRefused,
  };
}

async function guardCluster(
  removed: readonly StoredMapping[],
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
): Promise<string[]> {
  const ref = await run.resolve(removed[0]?.outputs["cluster"]);
  const store = await openStore(ref, run.settings);
  const session = new ClusterSession(store, new Claims(), connectionKey(ref, run.settings));
  const here = declared.filter(({ inputs }) => removed.some(({ outputs }) => isSameCluster(outputs, inputs ?? {})));
  const before = withDeclared(await session.document(), session, stored, here);
  let document = before;
  const changes = new Map<string, Entry | undefined>();
  const reasons: string[] = [];
  for (const { urn, outputs } of removed) {
    const own = ownEntry(document, session, outputs);
    const principal = own?.principal;
    if (own === undefined || principal === undefined) {
      continue;
    }
    changes.set(principal, inForceWithout(document, principal, [own]));
    document = removeEntry(document, own);
    const lockouts = findLockouts(before, changes, principal, await session.caller());
    const name = JSON.stringify(nameOf(urn));
    reasons.push(
      ...lockouts.map((lockout) => `IdentityMapping ${name}: ${describeLockout(before, lockout, "likely")}`),
    );
  }
  return reasons;
}

function ownEntry(document: AwsAuthDocument, { claims }: ClusterSession, outputs: Properties): Entry | undefined {
  const previous = mappingOf(outputs);
  if (previous === undefined) {
    return undefined;
  }
  const claimed = claims.others(principalOf(previous), undefined).flatMap(({ mapping }) => mapping ?? []);
  return planRemoval(document, { previous, claimed, noDuplicateARNs: flagsOf(outputs).noDuplicateARNs });
}

/** The map once all that a program declares is written, which is before anything is removed. */
function withDeclared(
  live: AwsAuthDocument,
  session: ClusterSession,
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
): AwsAuthDocument {
  const before = new Map(stored.map(({ urn, outputs }) => [urn, outputs]));
  const wanted = declared.flatMap(({ urn, inputs = {}, ignoreChanges }) => {
    const mapping = mappingOf(inputs);
    const outputs = before.get(urn) ?? {};
    if (mapping === undefined) {
      return [];
    }
    const claim: Claim = {
      urn,
      principal: principalOf(mapping),
      connection: session.connection,
      mapping,
      previous: isSameEntry(outputs, inputs) ? mappingOf(outputs) : undefined,
      noDuplicateARNs: flagsOf(inputs).noDuplicateARNs,
      ignored: ignoreChanges,
    };
    session.claims.register(claim);
    return [{ claim, mapping, inputs }];
  });
  return wanted.reduce((document, { claim, mapping, inputs }) => {
    const intent = intentOf(session, claim, mapping, claim.previous, inputs);
    const plan = planEntry(document, intent);
    // What is in conflict has failed in its own check.
    return isConflict(plan, intent) ? document : applyPlan(document, plan, intent);
  }, live);
}
