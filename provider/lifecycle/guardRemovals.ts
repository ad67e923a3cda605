import { findLockouts } from "../authenticator";
import { accountOf, openStore, type Settings, stateIdentity, stateOf, withAccount } from "../cluster";
import { type AwsAuthDocument, type Entry, removeEntry } from "../document";
import { ignoreUserErrors } from "../errors";
import { principalOf } from "../mapping";
import { type Declaration, Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { nameOf } from "./context";
import { acceptChange, describeChangedOutside } from "./describe";
import { flagsOf, intentOf } from "./intent";
import { type Certainty, describeLockout, describeRefusal, inForceWithout, isLockoutRefused } from "./lockout";
import { isConflict, isForbidden, planEntry } from "./plan";
import { planRemoval, type Removal } from "./planRemoval";
import { clustersAtOnce, mapConcurrent, run } from "./run";
import {
  claimantOf,
  type DeclaredMapping,
  isSameCluster,
  isSameEntry,
  mappingOf,
  mayBeDeclaredElsewhere,
  type Properties,
  removedFrom,
  type StoredMapping,
  storedClaim,
} from "./state";
import { applyPlan } from "./write";

/** What the removals of a run lock out. */
interface GuardedRemovals {
  /** One sentence each. */
  readonly warnings: readonly string[];
  /** Why the run must not go on, where the stack says so. */
  readonly refusal: string | undefined;
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
  const placed = await placedOn(declared);
  const clusters = byCluster(await withAccounts(removedFrom(stored, placed)));
  const found = await mapConcurrent(clusters, clustersAtOnce, (removed) =>
    ignoreUserErrors(() => findReasons(removed, stored, placed)),
  );
  const reasons = found.flatMap((ofCluster) => ofCluster ?? []);
  const sure = reasons.filter(({ certainty }) => isLockoutRefused() && certainty === "likely");
  return {
    warnings: reasons.filter((reason) => !sure.includes(reason)).map(({ text }) => text),
    refusal:
      sure.length > 0
        ? describeRefusal(
            sure.map(({ text }) => text),
            elsewhere,
          )
        : undefined,
  };
}

const elsewhere = ", or where nothing is removed, as with --target or in a refresh";

/** The mappings with the stack's cluster where they name none; where the stack has none either, nobody knows what they will be. */
async function placedOn(declared: readonly DeclaredMapping[]): Promise<DeclaredMapping[]> {
  const hasNone = ({ inputs }: DeclaredMapping) => inputs !== undefined && inputs["cluster"] === undefined;
  const cluster = declared.some(hasNone) ? await ignoreUserErrors(() => learned(undefined)) : undefined;
  return declared.map((mapping) =>
    hasNone(mapping)
      ? { ...mapping, inputs: cluster === undefined ? undefined : { ...mapping.inputs, cluster } }
      : mapping,
  );
}

/** A state of version 0.1.0 does not know the account, and clusters of one name in two accounts would be taken for one. */
async function withAccounts(removed: readonly StoredMapping[]): Promise<StoredMapping[]> {
  const asked = new Map<string, Promise<unknown>>();
  return Promise.all(
    removed.map(async (mapping) => {
      const { cluster } = mapping.outputs;
      const key = JSON.stringify(cluster);
      const answer = asked.get(key) ?? ignoreUserErrors(() => learned(cluster));
      asked.set(key, answer);
      return { ...mapping, outputs: { ...mapping.outputs, cluster: (await answer) ?? cluster } };
    }),
  );
}

/** The cluster of a state, with the account that it turns out to be in. */
async function learned(cluster: unknown): Promise<unknown> {
  const ref = await run.resolve(cluster);
  const isKnown = ref.kind !== "eks" || accountOf(ref) !== undefined;
  return stateOf(isKnown ? ref : withAccount(ref, await (await openStore(ref, run.settings)).account()));
}

/** What one removal locks out. */
interface Reason {
  readonly text: string;
  readonly certainty: Certainty;
}

/** A cluster may be named in several ways, such as with and without a profile, and is one all the same. */
function byCluster(removed: readonly StoredMapping[]): StoredMapping[][] {
  const clusters: StoredMapping[][] = [];
  for (const mapping of removed) {
    const same = clusters.find((cluster) => cluster.every((other) => isOnSameCluster(other, mapping)));
    if (same === undefined) {
      clusters.push([mapping]);
    } else {
      same.push(mapping);
    }
  }
  return clusters;
}

function isOnSameCluster({ outputs: a }: StoredMapping, { outputs: b }: StoredMapping): boolean {
  return stateIdentity(a["cluster"], run.settings) === undefined
    ? JSON.stringify(a["cluster"]) === JSON.stringify(b["cluster"])
    : isSameCluster(a, b);
}

async function findReasons(
  removed: readonly StoredMapping[],
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
): Promise<Reason[]> {
  const ref = await run.resolve(removed[0]?.outputs["cluster"]);
  const store = await openStore(ref, run.settings);
  const session = new ClusterSession(store, new Declarations());
  const here = declared.filter(({ inputs }) => removed.some(({ outputs }) => isSameCluster(outputs, inputs ?? {})));
  const before = withDeclared(await session.document(), session, stored, here);
  const unsure = removed.filter((mapping) => mayBeDeclaredElsewhere(mapping, declared));
  const sure = removed.filter((mapping) => !unsure.includes(mapping));
  let document = before;
  const changes = new Map<string, Entry | undefined>();
  const reasons: Reason[] = [];
  // What is sure comes first, so that it is blamed for nothing that takes more than that.
  for (const mapping of [...sure, ...unsure]) {
    const removal = removalOf(document, session, mapping.outputs);
    const name = JSON.stringify(nameOf(mapping.urn));
    if (removal?.kind === "changed") {
      reasons.push(refusedRemoval(document, removal, mapping.outputs, name));
    }
    const own = removal?.kind === "remove" ? removal.entry : undefined;
    const principal = own?.principal;
    if (own === undefined || principal === undefined) {
      continue;
    }
    changes.set(principal, inForceWithout(document, principal, [own]));
    document = removeEntry(document, own);
    const certainty = sure.includes(mapping) ? "likely" : "unsure";
    for (const lockout of findLockouts(before, changes, principal, await session.caller())) {
      reasons.push({ text: `IdentityMapping ${name}: ${describeLockout(before, lockout, certainty)}`, certainty });
    }
  }
  return reasons;
}

function removalOf(
  document: AwsAuthDocument,
  { declarations }: ClusterSession,
  outputs: Properties,
): Removal | undefined {
  const previous = mappingOf(outputs);
  if (previous === undefined) {
    return undefined;
  }
  const declared = declarations.others(principalOf(previous), undefined);
  const { ignored = [] } = storedClaim(outputs);
  const { noDuplicateARNs } = flagsOf(outputs);
  return planRemoval(document, { previous, noDuplicateARNs, ignored, declared, claimant: claimantOf(outputs) });
}

/** The removal is going to fail, which is better known before anything is done. */
function refusedRemoval(
  document: AwsAuthDocument,
  removal: Extract<Removal, { kind: "changed" }>,
  outputs: Properties,
  name: string,
): Reason {
  const previous = mappingOf(outputs);
  const reason = previous === undefined ? "" : describeChangedOutside(document, removal, previous, acceptChange);
  return { text: `IdentityMapping ${name} cannot be removed: ${reason}`, certainty: "unsure" };
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
    const declaration: Declaration = {
      urn,
      principal: principalOf(mapping),
      label: storedClaim(outputs).owner,
      mapping,
      previous: isSameEntry(outputs, inputs) ? mappingOf(outputs) : undefined,
      isReplacement: false,
      noDuplicateARNs: flagsOf(inputs).noDuplicateARNs,
      ignored: ignoreChanges,
    };
    session.declarations.register(declaration);
    return [{ declaration, mapping, inputs, claimant: claimantOf(outputs) }];
  });
  return wanted.reduce((document, { declaration, mapping, inputs, claimant }) => {
    const intent = intentOf(session, declaration, mapping, declaration.previous, inputs, claimant);
    const plan = planEntry(document, intent);
    // What is in conflict has failed in its own check.
    return isConflict(plan, intent) || isForbidden(plan)
      ? document
      : applyPlan(document, plan, intent, undefined).document;
  }, live);
}
