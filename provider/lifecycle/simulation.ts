import { mapFor } from "../access/loginMap";
import { type AccessEntryContent, hasOwnUser, isAdministrator, isInEntry } from "../accessEntries";
import { clustersAtOnce, mapConcurrent } from "../async/concurrency";
import {
  accountOf,
  type ClusterRef,
  idOf,
  type OpenCluster,
  openCluster,
  openStore,
  resolveClusterRef,
  type Settings,
  stateIdentity,
  stateOf,
  wayTo,
  withAccount,
} from "../cluster";
import type { AwsAuthDocument } from "../document";
import { ignoreUserErrors, unlessUserError } from "../errors";
import { type Caller, principalKey, principalOf, sameContent } from "../mapping";
import { type Declaration, Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { byPrincipal, type Change, type ClusterView, documentOf, loginMap } from "./clusterView";
import { contentOf, type EntryCluster, entryClusterOf, withoutDead } from "./places/entryCluster";
import { describeSubject } from "./places/mapMessages";
import { claimantInWrite, leaveOf, type Place, type PlaceRemoval, wantOf } from "./places/place";
import { placesOf } from "./places/places";
import { type After, type Before, mayBeDeclaredElsewhere, removedFrom } from "./removals";
import {
  flagsOf,
  isOnSameCluster,
  isSameEntry,
  type Properties,
  parseState,
  type ResourceState,
  type StoredMapping,
  withCluster,
  withKnownCluster,
} from "./state";

/** A mapping that the program declares. */
export interface DeclaredMapping {
  readonly urn: string;
  /** The inputs as returned by `check`; undefined while a part of them is not known. */
  readonly inputs: Properties | undefined;
  /** The properties in the program's `ignoreChanges`. */
  readonly ignoreChanges: readonly string[];
  /** Whether `check` found that the map has to be changed for it, or may. False if it was not checked, since `--target` left it out. */
  readonly isChanged: boolean;
}

/** What a removal finds. */
export interface RemovalStep {
  readonly urn: string;
  readonly principal: string;
  /** Whether something goes. */
  readonly isRemoval: boolean;
  /** Why it will be refused, since somebody changed the entry. */
  readonly refusal: string | undefined;
  /** The cluster that it leaves. */
  readonly after: ClusterView;
  /** Whether nobody but this program could declare the mapping. */
  readonly isSure: boolean;
}

/** What a run does to one cluster. */
export interface ClusterRun {
  /** Names the cluster, for messages. */
  readonly label: string;
  /** As {@link OpenCluster}. */
  readonly connection: OpenCluster["connection"];
  /** Who logs in as whom as it is, or as the parts before leave it. */
  readonly live: AwsAuthDocument;
  /** The same at the end, as far as that is sure. */
  readonly after: AwsAuthDocument;
  /** The cluster after all declared mappings are written and before anything is removed. */
  readonly written: ClusterView;
  /** The removals: first those that are sure. */
  readonly steps: readonly RemovalStep[];
  /** Who the run is to the cluster. */
  caller(): Promise<Caller | undefined>;
}

/** How far the simulation of a cluster has come. */
interface Progress {
  readonly ref: ClusterRef;
  readonly label: string;
  readonly connection: OpenCluster["connection"];
  readonly session: ClusterSession;
  /** As in {@link ClusterRun}. Without access entries, until a mapping has one. */
  written: ClusterView;
  after: ClusterView;
}

/** Finds the session of a run with a cluster. */
export type SessionOf = (ref: ClusterRef) => Promise<ClusterSession>;

/** What the parts of a run share. */
export interface Progresses {
  /** The clusters, each of which is read once, or found once to be unreadable. */
  readonly clusters: Map<string, Promise<Progress>>;
  /** The cluster in the stack's configuration; undefined before it is needed. */
  stackCluster?: Promise<unknown>;
  /** The sessions of this process that have read the maps, if there are any. */
  readonly sessionOf?: SessionOf;
  /** Whether a part is compared as far as it concerns its own principals, and not with the whole map. */
  readonly isByPrincipal?: boolean;
}

/**
 * Simulates a run on copies of the maps that it changes. For previews, in the process of the program, since the engine calls the
 * provider for a removal only in an update. Reads each affected cluster once, and skips clusters that cannot be read: the operations
 * themselves report them.
 *
 * @param progresses what the parts of the run before this one have come to.
 */
export async function simulateRun(
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
  settings: Settings,
  progresses: Progresses = { clusters: new Map() },
): Promise<readonly ClusterRun[]> {
  const known = async (properties: Properties) => {
    const state = parseState(properties);
    return (await ignoreUserErrors(() => withKnownCluster(state, settings))) ?? state;
  };
  const before = await Promise.all(stored.map(async ({ urn, outputs }) => ({ urn, state: await known(outputs) })));
  const after = await placedOn(
    await Promise.all(
      declared.map(async ({ inputs, ...mapping }) => ({ ...mapping, state: inputs && (await known(inputs)) })),
    ),
    settings,
    progresses,
  );
  const removed = await withAccounts(removedFrom(before, after, settings), settings);
  const changed = after.flatMap(({ urn, state, isChanged }) =>
    isChanged && state !== undefined ? [{ urn, state }] : [],
  );
  const clusters = byCluster([...removed, ...changed], settings);
  const runs = await mapConcurrent(clusters, clustersAtOnce, (touched) =>
    ignoreUserErrors(() => simulateOn(touched, { removed, before, after }, settings, progresses)),
  );
  return runs.filter((run) => run !== undefined);
}

/** What a stack has, and what its program declares. */
interface Stack {
  readonly removed: readonly Before[];
  readonly before: readonly Before[];
  readonly after: readonly After[];
}

async function simulateOn(
  touched: readonly Before[],
  stack: Stack,
  settings: Settings,
  progresses: Progresses,
): Promise<ClusterRun> {
  const progress = await readCluster(touched[0]?.state.cluster, settings, progresses);
  const { session, connection, label } = progress;
  const { all: places, entry } = placesOf(session, settings);
  const isHere = (state: ResourceState) => touched.some((other) => isOnSameCluster(other.state, state, settings));
  const here = stack.after.filter(({ state }) => isHere(state ?? unknownState));
  const removed = stack.removed.filter((mapping) => touched.includes(mapping));
  const mappings = mappingsOn(removed, here, stack);
  const states = mappings.flatMap(({ before, after }) => [before, after]).filter((state) => state !== undefined);
  if (states.some(({ mode }) => entry.keeps(mode))) {
    await addEntries(progress, mappings);
  }
  const live = progress.after;
  const changes = await changesOf(places, live, session, stack.before, here, settings);
  const written = changes.reduce(changed, progress.written);
  const isSure = (mapping: Before) => !mayBeDeclaredElsewhere(mapping, stack.after);
  const steps: RemovalStep[] = [];
  let view = changes.reduce(changed, live);
  let after = view;
  // Certain removals come first, so that they are not blamed for lock-outs that also need an uncertain one.
  for (const { urn, state } of [...removed.filter(isSure), ...removed.filter((mapping) => !isSure(mapping))]) {
    const { mapping: previous, principal } = state;
    if (previous === undefined || principal === undefined) {
      continue;
    }
    const leave = leaveOf(session.declarations, state, previous, settings, { isReplaced: true });
    const removals: PlaceRemoval[] = [];
    for (const place of places.filter((other) => other.keeps(state.mode))) {
      const removal = await ignoreUserErrors(() => place.planRemoval(leave, view));
      if (removal !== undefined) {
        removals.push(removal);
        view = changed(view, removal.change);
      }
    }
    const step = {
      urn,
      principal,
      isRemoval: removals.some(({ kind }) => kind === "remove"),
      refusal: removals.find(({ refusal }) => refusal !== undefined)?.refusal,
      after: view,
      isSure: isSure({ urn, state }),
    };
    steps.push(step);
    after = step.isSure ? view : after;
  }
  Object.assign(progress, { written, after });
  const principals = progresses.isByPrincipal === true ? principalsOf(states) : undefined;
  const mapOf = (of: ClusterView) => loginMap(concerning(of, principals));
  return { label, connection, live: mapOf(live), after: mapOf(after), written, steps, caller: () => session.caller() };
}

/** A view after a change. What cannot be edited stays, and the other changes are made. */
function changed(view: ClusterView, change: Change): ClusterView {
  return unlessUserError(() => change(view), view);
}

/** What is known of a cluster, by default the stack's, which is read with the first part of a run that needs it. */
async function readCluster(cluster: unknown, settings: Settings, progresses: Progresses): Promise<Progress> {
  const { clusters, sessionOf } = progresses;
  const ref = await resolveClusterRef(cluster ?? (await stackCluster(settings, progresses)), settings);
  const { key } = await wayTo(ref, settings);
  const name = JSON.stringify([key, accountOf(ref)]);
  const progress = clusters.get(name) ?? readProgress(ref, settings, sessionOf);
  clusters.set(name, progress);
  return progress;
}

async function readProgress(ref: ClusterRef, settings: Settings, sessionOf?: SessionOf): Promise<Progress> {
  const { store, connection } = await openCluster(ref, settings);
  // With declarations of its own, since those of the run may be of other resources.
  const { accessEntries } = (await wayTo(ref, settings)).open();
  const session = new ClusterSession(store, new Declarations(), undefined, accessEntries);
  const document = await documentOf(sessionOf === undefined ? session : await sessionOf(ref));
  const label = ref.kind === "eks" ? idOf(ref) : store.label;
  const view: ClusterView = { document, entries: undefined, mode: "CONFIG_MAP", label };
  return { ref, label, connection, session, written: view, after: view };
}

/** A mapping of the stack before and after the run; undefined where it is not there, or not on this cluster. */
interface MappingRun {
  readonly before: ResourceState | undefined;
  readonly after: ResourceState | undefined;
  readonly ignoreChanges: readonly string[];
  /** False if its entries say what the state says, as `check` has found. */
  readonly isChanged: boolean;
}

/** Adds the access entries of a cluster to what is known of it, and drops those that let nobody in. */
async function addEntries(progress: Progress, mappings: readonly MappingRun[]): Promise<void> {
  const at = await entryClusterOf(progress.session);
  if (progress.after.entries === undefined) {
    // What is known to be as it should be need not be read again.
    const kept = mappings.filter(isKept).flatMap(({ before }) => (before === undefined ? [] : contentOf(at, before)));
    const read = await at.entries.all(new Set(kept.map(({ principalArn }) => principalArn)));
    const { authenticationMode: mode } = at.cluster;
    const found = { entries: byPrincipal([...kept, ...read]), mode, label: at.entries.api.label };
    progress.written = { ...progress.written, ...found };
    progress.after = { ...progress.after, ...found };
  }
  const concerned = mappings.filter((mapping) => !isKept(mapping)).flatMap(({ before, after }) => [before, after]);
  const principals = new Set(concerned.flatMap((state) => state?.principal ?? []));
  progress.written = await withLiving(at, progress.written, principals);
  progress.after = await withLiving(at, progress.after, principals);
}

/** A view without the dead access entries of these principals, of administrators and of nodes. */
async function withLiving(at: EntryCluster, view: ClusterView, principals: ReadonlySet<string>): Promise<ClusterView> {
  const isAsked = (entry: AccessEntryContent) =>
    principals.has(principalKey(entry.principalArn)) || isAdministrator(entry) || !hasOwnUser(entry);
  return { ...view, entries: byPrincipal(await withoutDead(at, [...(view.entries?.values() ?? [])], isAsked)) };
}

/** Whether a mapping has an access entry that says just what state and program say. */
function isKept({ before, after, ignoreChanges, isChanged }: MappingRun): boolean {
  const [old, wanted] = [before?.mapping, after?.mapping];
  const areInEntry = [before, after].every((state) => state !== undefined && isInEntry(state.mode));
  const isSame = old !== undefined && wanted !== undefined && sameContent(old, wanted);
  return areInEntry && isSame && !isChanged && ignoreChanges.length === 0;
}

/** The mappings that a run removes from a cluster, changes or leaves there. */
function mappingsOn(removed: readonly Before[], here: readonly After[], { before }: Stack): MappingRun[] {
  const stored = new Map(before.map(({ urn, state }) => [urn, state]));
  const declared = here.map(({ urn, state, ...mapping }) => ({ ...mapping, before: stored.get(urn), after: state }));
  const gone = { after: undefined, ignoreChanges: [], isChanged: true };
  return [...removed.map(({ state }) => ({ ...gone, before: state })), ...declared];
}

/** A view as far as these principals are concerned; undefined stands for all. */
function concerning(view: ClusterView, principals: ReadonlySet<string> | undefined): ClusterView {
  if (principals === undefined) {
    return view;
  }
  const entries = view.entries && new Map([...view.entries].filter(([principal]) => principals.has(principal)));
  return { ...view, document: mapFor(view.document, principals), entries };
}

/** Whom mappings are for; undefined if one is for an account, which is for everybody in it whom no other entry maps. */
function principalsOf(states: readonly ResourceState[]): ReadonlySet<string> | undefined {
  const hasAccount = states.some(({ mapping }) => mapping?.kind === "account");
  return hasAccount ? undefined : new Set(states.flatMap(({ principal }) => principal ?? []));
}

/** The state of a mapping of which nothing is known. */
const unknownState = parseState({});

/** Fills in the stack's cluster for mappings without a cluster. If the stack has none either, they stay unknown. */
async function placedOn(declared: readonly After[], settings: Settings, progresses: Progresses): Promise<After[]> {
  const hasNone = ({ state }: After) => state !== undefined && state.cluster === undefined;
  const cluster = declared.some(hasNone) ? await ignoreUserErrors(() => stackCluster(settings, progresses)) : undefined;
  return declared.map(({ state, ...mapping }) =>
    state === undefined || state.cluster !== undefined
      ? { ...mapping, state }
      : { ...mapping, state: cluster === undefined ? undefined : withCluster(state, cluster) },
  );
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

/** The cluster in the stack's configuration, as {@link learned}; EKS is asked once for all parts of a run. */
function stackCluster(settings: Settings, progresses: Progresses): Promise<unknown> {
  progresses.stackCluster ??= learned(undefined, settings);
  return progresses.stackCluster;
}

/** The cluster of a state, with its account looked up. */
async function learned(cluster: unknown, settings: Settings): Promise<unknown> {
  const ref = await resolveClusterRef(cluster, settings);
  const isKnown = ref.kind !== "eks" || accountOf(ref) !== undefined;
  return stateOf(isKnown ? ref : withAccount(ref, await (await openStore(ref, settings)).account()));
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

/** What the declared mappings change, in their order. */
async function changesOf(
  places: readonly Place[],
  live: ClusterView,
  session: ClusterSession,
  stored: readonly Before[],
  declared: readonly After[],
  settings: Settings,
): Promise<readonly Change[]> {
  const states = new Map(stored.map(({ urn, state }) => [urn, state]));
  const wants = declared.flatMap(({ urn, state = unknownState, ignoreChanges, isChanged }) => {
    const { mapping: desired } = state;
    const old = states.get(urn) ?? unknownState;
    if (desired === undefined) {
      return [];
    }
    const before = isSameEntry(old, state, settings) ? old : undefined;
    const declaration: Declaration = {
      urn,
      principal: principalOf(desired),
      subject: describeSubject(desired),
      label: old.claim.owner,
      mapping: desired,
      mode: state.mode,
      isReplacement: false,
      ...flagsOf(state, settings),
      ignored: ignoreChanges,
    };
    session.declarations.register(declaration);
    const wish = { desired, before, claimant: claimantInWrite(old.claim.id, state) };
    return isChanged ? [{ declaration, state, wish }] : [];
  });
  const changes: Change[] = [];
  for (const { declaration, state, wish } of wants) {
    const { before } = wish;
    // Others of the run are known only now.
    const want = wantOf(session.declarations, declaration, state, wish, settings);
    for (const place of places) {
      if (place.keeps(state.mode)) {
        // Conflicts have failed in the resource's own check, and so has what has no access entry.
        const plan = await ignoreUserErrors(() => place.plan(want, live));
        changes.push(...(plan === undefined ? [] : [plan.change]));
      } else if (before?.mapping !== undefined && place.keeps(before.mode)) {
        const leave = leaveOf(session.declarations, before, before.mapping, settings, { isMoved: true });
        const removal = await ignoreUserErrors(() => place.planRemoval(leave, live));
        changes.push(...(removal === undefined ? [] : [removal.change]));
      }
    }
  }
  return changes;
}
