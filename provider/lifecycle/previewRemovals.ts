import { findLockouts } from "../authenticator";
import {
  accountOf,
  openStore,
  resolveClusterRef,
  type Settings,
  stateIdentity,
  stateOf,
  withAccount,
} from "../cluster";
import { type AwsAuthDocument, type Entry, removeEntry } from "../document";
import { ignoreUserErrors } from "../errors";
import { principalOf } from "../mapping";
import { type Declaration, Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { claimantOfState } from "./claimant";
import { nameOf } from "./context";
import { acceptChange, describeChangedOutside, describeSubject } from "./describe";
import { type Certainty, describeLockout, describeRefusal, inForceWithout, isLockoutRefused } from "./lockout";
import { intentOf, isConflict, isForbidden, planEntry, storedIntent } from "./plan";
import { planRemoval } from "./remove";
import { clustersAtOnce, mapConcurrent } from "./run";
import {
  flagsOf,
  isOnSameCluster,
  isSameEntry,
  type Properties,
  parseState,
  type ResourceState,
  withCluster,
} from "./state";
import { applyPlan } from "./write";

/** A mapping in the stack's state. */
export interface StoredMapping {
  readonly urn: string;
  readonly outputs: Properties;
}

/** A mapping that the program declares. */
export interface DeclaredMapping {
  readonly urn: string;
  /** The inputs as returned by `check`; undefined while a part of them is not known. */
  readonly inputs: Properties | undefined;
  /** The properties in the program's `ignoreChanges`. */
  readonly ignoreChanges: readonly string[];
}

/** The lock-outs that the removals of a run cause. */
interface RemovalsPreview {
  /** One sentence each. */
  readonly warnings: readonly string[];
  /** Why the run must stop, if the stack's configuration forbids lock-outs. */
  readonly refusal: string | undefined;
}

/**
 * Finds the lock-outs caused by removing mappings that a program no longer declares. For previews, in the process of the program,
 * since the engine calls the provider for a removal only in an update. Reads each affected cluster once, and skips clusters that
 * cannot be read: the removal itself reports them.
 */
export async function previewRemovals(
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
  settings: Settings,
): Promise<RemovalsPreview> {
  const before = stored.map(({ urn, outputs }) => ({ urn, state: parseState(outputs) }));
  const after = await placedOn(
    declared.map(({ urn, inputs, ignoreChanges }) => ({ urn, state: inputs && parseState(inputs), ignoreChanges })),
    settings,
  );
  const clusters = byCluster(await withAccounts(removedFrom(before, after, settings), settings), settings);
  const found = await mapConcurrent(clusters, clustersAtOnce, (removed) =>
    ignoreUserErrors(() => findReasons(removed, before, after, settings)),
  );
  const reasons = found.flatMap((ofCluster) => ofCluster ?? []);
  const sure = reasons.filter(({ certainty }) => isLockoutRefused(settings) && certainty === "likely");
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

/** The state of a mapping of which nothing is known. */
const unknownState = parseState({});

const elsewhere = ", or where nothing is removed, as with --target or in a refresh";

/** A {@link StoredMapping}. */
interface Before {
  readonly urn: string;
  readonly state: ResourceState;
}

/** A {@link DeclaredMapping}. */
interface After {
  readonly urn: string;
  readonly state: ResourceState | undefined;
  readonly ignoreChanges: readonly string[];
}

/** Fills in the stack's cluster for mappings without a cluster. If the stack has none either, they stay unknown. */
async function placedOn(declared: readonly After[], settings: Settings): Promise<After[]> {
  const hasNone = ({ state }: After) => state !== undefined && state.cluster === undefined;
  const cluster = declared.some(hasNone) ? await ignoreUserErrors(() => learned(undefined, settings)) : undefined;
  return declared.map(({ state, ...mapping }) =>
    state === undefined || state.cluster !== undefined
      ? { ...mapping, state }
      : { ...mapping, state: cluster === undefined ? undefined : withCluster(state, cluster) },
  );
}

/**
 * The mappings in the state that the program no longer declares under any name. Includes mappings whose name now declares something
 * else: they are replaced, and their old entries removed.
 */
function removedFrom(stored: readonly Before[], declared: readonly After[], settings: Settings): Before[] {
  const byUrn = new Map(declared.map((mapping) => [mapping.urn, mapping]));
  const before = new Map(stored.map(({ urn, state }) => [urn, state]));
  return stored.filter(({ urn, state }) => {
    const own = byUrn.get(urn);
    const isKept = own !== undefined && (own.state === undefined || isSameEntry(state, own.state, settings));
    return !isKept && !declared.some((other) => takesOver(other, before.get(other.urn), state, settings));
  });
}

/**
 * Whether a new mapping is an existing one under a new name. Returns true for mappings that are not fully known yet, since a false
 * alarm would be worse than none, and the removal checks again.
 */
function takesOver(
  { state: declared }: After,
  before: ResourceState | undefined,
  other: ResourceState,
  settings: Settings,
): boolean {
  if (declared === undefined) {
    return before === undefined;
  }
  const isNew = before === undefined || !isSameEntry(before, other, settings);
  return isSameEntry(declared, other, settings) && isNew;
}

/**
 * Whether another process may declare a mapping: a component from a package in another language runs in its own process, and this
 * program does not see its resources. True for a child of components that have no mapping of this program as a child.
 */
function mayBeDeclaredElsewhere({ urn }: Before, declared: readonly After[]): boolean {
  const parents = parentTypesOf(urn);
  return parents !== "" && !declared.some((mapping) => parentTypesOf(mapping.urn) === parents);
}

/** The types of the components around a resource, from its URN; empty if there are none. */
function parentTypesOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(0, Math.max(0, types.lastIndexOf("$")));
}

/** A state of version 0.1.0 lacks the account, so clusters with the same name in two accounts would count as one. */
async function withAccounts(removed: readonly Before[], settings: Settings): Promise<Before[]> {
  const asked = new Map<string, Promise<unknown>>();
  return Promise.all(
    removed.map(async ({ urn, state }) => {
      const key = JSON.stringify(state.cluster);
      const pending = asked.get(key) ?? ignoreUserErrors(() => learned(state.cluster, settings));
      asked.set(key, pending);
      return { urn, state: withCluster(state, (await pending) ?? state.cluster) };
    }),
  );
}

/** The cluster of a state, with its account looked up. */
async function learned(cluster: unknown, settings: Settings): Promise<unknown> {
  const ref = await resolveClusterRef(cluster, settings);
  const isKnown = ref.kind !== "eks" || accountOf(ref) !== undefined;
  return stateOf(isKnown ? ref : withAccount(ref, await (await openStore(ref, settings)).account()));
}

/** The lock-out that one removal causes. */
interface Reason {
  readonly text: string;
  readonly certainty: Certainty;
}

/** Groups mappings by cluster, regardless of how it is reached, for example with or without a profile. */
function byCluster(removed: readonly Before[], settings: Settings): Before[][] {
  const clusters: Before[][] = [];
  for (const mapping of removed) {
    const same = clusters.find((cluster) => cluster.every((other) => isTogether(other.state, mapping.state, settings)));
    if (same === undefined) {
      clusters.push([mapping]);
    } else {
      same.push(mapping);
    }
  }
  return clusters;
}

/** If a state does not identify its cluster fully, it is the stack's cluster. */
function isTogether(a: ResourceState, b: ResourceState, settings: Settings): boolean {
  return stateIdentity(a.cluster, settings) === undefined
    ? JSON.stringify(a.cluster) === JSON.stringify(b.cluster)
    : isOnSameCluster(a, b, settings);
}

async function findReasons(
  removed: readonly Before[],
  stored: readonly Before[],
  declared: readonly After[],
  settings: Settings,
): Promise<Reason[]> {
  const ref = await resolveClusterRef(removed[0]?.state.cluster, settings);
  const store = await openStore(ref, settings);
  const session = new ClusterSession(store, new Declarations());
  const here = declared.filter((after) =>
    removed.some(({ state }) => isOnSameCluster(state, after.state ?? unknownState, settings)),
  );
  const before = withDeclared(await session.document(), session, stored, here, settings);
  const unsure = removed.filter((mapping) => mayBeDeclaredElsewhere(mapping, declared));
  const sure = removed.filter((mapping) => !unsure.includes(mapping));
  let document = before;
  const changes = new Map<string, Entry | undefined>();
  const reasons: Reason[] = [];
  // Certain removals come first, so that they are not blamed for lock-outs that also need an uncertain one.
  for (const mapping of [...sure, ...unsure]) {
    const { mapping: previous } = mapping.state;
    if (previous === undefined) {
      continue;
    }
    const removal = planRemoval(document, storedIntent(session, mapping.state, previous, settings));
    const name = JSON.stringify(nameOf(mapping.urn));
    if (removal.kind === "changed") {
      // The delete will fail, so it is better to report that before anything is changed.
      const reason = describeChangedOutside(document, removal, previous, acceptChange);
      reasons.push({ text: `IdentityMapping ${name} cannot be removed: ${reason}`, certainty: "unsure" });
    }
    const own = removal.kind === "remove" ? removal.entry : undefined;
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

/** The map after all declared mappings are written and before anything is removed. */
function withDeclared(
  live: AwsAuthDocument,
  session: ClusterSession,
  stored: readonly Before[],
  declared: readonly After[],
  settings: Settings,
): AwsAuthDocument {
  const before = new Map(stored.map(({ urn, state }) => [urn, state]));
  const wanted = declared.flatMap(({ urn, state = unknownState, ignoreChanges }) => {
    const { mapping } = state;
    const old = before.get(urn) ?? unknownState;
    if (mapping === undefined) {
      return [];
    }
    const declaration: Declaration = {
      urn,
      principal: principalOf(mapping),
      subject: describeSubject(mapping),
      label: old.claim.owner,
      mapping,
      previous: isSameEntry(old, state, settings) ? old.mapping : undefined,
      isReplacement: false,
      noDuplicateARNs: flagsOf(state, settings).noDuplicateARNs,
      ignored: ignoreChanges,
    };
    session.declarations.register(declaration);
    return [{ declaration, mapping, state, claimant: claimantOfState(old) }];
  });
  return wanted.reduce((document, { declaration, mapping, state, claimant }) => {
    const wish = { desired: mapping, previous: declaration.previous, claimant };
    const intent = intentOf(session, declaration, state, wish, settings);
    const plan = planEntry(document, intent);
    // Conflicts have failed in the resource's own check.
    return isConflict(plan, intent) || isForbidden(plan)
      ? document
      : applyPlan(document, plan, intent, undefined).document;
  }, live);
}
