import { mapFor } from "../access/effectiveMap";
import { mayLockOut } from "../access/lockout";
import type { AccessEntryContent } from "../accessEntries";
import { clustersAtOnce, mapConcurrent } from "../async/concurrency";
import {
  accountOf,
  type ClusterRef,
  idOf,
  knownCluster,
  openStore,
  resolveClusterRef,
  type Settings,
  stateIdentity,
  stateOf,
  type Way,
  wayTo,
  withAccount,
} from "../cluster";
import type { AwsAuthDocument } from "../document";
import { AwsAuthError, ignoreUserErrors, unlessUserError } from "../errors";
import { type Caller, principalOf, sameContent } from "../mapping";
import { Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import {
  type Change,
  type ClusterView,
  describeUnread,
  documentOf,
  loginMap,
  viewOfMap,
  withEntries,
} from "./clusterView";
import { contentOf, entryClusterOf } from "./places/entryCluster";
import { describeSubject } from "./places/messages";
import { claimantInWrite, leaveOf, type Place, wantOf } from "./places/place";
import { placesOf } from "./places/places";
import { type After, type Before, mayBeDeclaredElsewhere, removedFrom } from "./removals";
import {
  flagsOf,
  isKeptInEntry,
  isSameEntry,
  type Properties,
  parseState,
  type ResourceState,
  type StoredMapping,
  withCluster,
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

/** How much of a run is known: all of it, or some of the mappings that it changes. */
export type Extent = "all" | "part";

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
export interface ClusterRun extends Pick<Progress, "label" | "connection" | "unread" | "written"> {
  /** Who logs in as whom as it is, or as the parts before leave it. */
  readonly live: AwsAuthDocument;
  /** The same at the end, as far as that is sure. */
  readonly after: AwsAuthDocument;
  /** The removals: first those that are sure. */
  readonly steps: readonly RemovalStep[];
  /** Who the run is to the cluster. */
  caller(): Promise<Caller | undefined>;
}

/** How far a run has come on a cluster. */
interface Progress {
  /** Names the cluster, for messages. */
  readonly label: string;
  readonly connection: ReturnType<Way["open"]>["connection"];
  readonly session: ClusterSession;
  /** Says why access entries that win over aws-auth are not known. */
  unread: string | undefined;
  /** The cluster after all declared mappings are written and before anything is removed. */
  written: ClusterView;
  /** The cluster at the end, as far as that is sure. */
  after: ClusterView;
}

/** What the parts of a run share. */
export interface Progresses {
  /** The clusters, each of which is read once, or found once to be unreadable. */
  readonly clusters: Map<string, Promise<Progress>>;
  /** What the names of clusters in states mean, by their JSON. */
  readonly located?: Map<string, Promise<unknown>>;
  /** The session of this process that has read the map, if there is one. */
  readonly sessionOf?: (ref: ClusterRef) => Promise<ClusterSession>;
}

/**
 * Folds what a run changes over views of the clusters that it changes. For previews, in the process of the program, since the engine calls
 * the provider for a removal only in an update. Reads each affected cluster once, and skips clusters that cannot be read: the operations
 * themselves report them.
 *
 * @param progresses what the parts of the run before this one have come to.
 */
export async function foldRun(
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
  settings: Settings,
  extent: Extent = "all",
  progresses: Progresses = { clusters: new Map() },
): Promise<readonly ClusterRun[]> {
  const { located = new Map() } = progresses;
  const placed = async (properties: Properties) => {
    const state = parseState(properties);
    const key = JSON.stringify(state.cluster) ?? "";
    const pending = located.get(key) ?? ignoreUserErrors(() => locate(state.cluster, settings));
    located.set(key, pending);
    const cluster = (await pending) ?? state.cluster;
    return cluster === undefined ? undefined : withCluster(state, cluster);
  };
  const before = (
    await Promise.all(stored.map(async ({ urn, outputs }) => ({ urn, state: await placed(outputs) })))
  ).filter(isPlaced);
  const after = await Promise.all(
    declared.map(async ({ inputs, ...mapping }) => ({ ...mapping, state: inputs && (await placed(inputs)) })),
  );
  const keyOf = ({ state: { cluster } }: Before) => stateIdentity(cluster, settings) ?? JSON.stringify(cluster);
  const stack = { removed: removedFrom(before, after, settings), before, declared: after };
  const touched = Map.groupBy(
    [...stack.removed, ...after.filter(isPlaced).filter(({ isChanged }) => isChanged)],
    keyOf,
  );
  const runs = await mapConcurrent([...touched], clustersAtOnce, ([key, [first]]) =>
    ignoreUserErrors(async () => {
      const progress = progresses.clusters.get(key) ?? begin(first?.state.cluster, settings, progresses);
      progresses.clusters.set(key, progress);
      const isHere = (mapping: Before) => keyOf(mapping) === key;
      const here = { removed: stack.removed.filter(isHere), after: after.filter(isPlaced).filter(isHere) };
      return foldOn(await progress, here, stack, settings, extent);
    }),
  );
  return runs.filter((run) => run !== undefined);
}

/** What of a stack is on one cluster: what it removes, and what its program declares. */
interface Here {
  readonly removed: readonly Before[];
  readonly after: readonly (After & Before)[];
}

/** What a stack has, and what its program declares, on all clusters. */
interface Stack {
  readonly before: readonly Before[];
  readonly declared: readonly After[];
}

function isPlaced<T extends { readonly state: unknown }>(
  mapping: T,
): mapping is T & { readonly state: NonNullable<T["state"]> } {
  return mapping.state !== undefined;
}

async function foldOn(
  progress: Progress,
  here: Here,
  stack: Stack,
  settings: Settings,
  extent: Extent,
): Promise<ClusterRun> {
  const { session, label, connection } = progress;
  const { all: places } = placesOf(session, settings);
  const declarations = new Declarations();
  const principals = await addEntries(progress, here, stack);
  const live = progress.after;
  const changes = await changesOf(places, declarations, live, here.after, stack, settings);
  const written = changes.reduce(changed, progress.written);
  const isSure = (mapping: Before) => !mayBeDeclaredElsewhere(mapping, stack.declared);
  const steps: RemovalStep[] = [];
  let view = changes.reduce(changed, live);
  let after = view;
  // Certain removals come first, so that they are not blamed for lock-outs that also need an uncertain one.
  for (const { urn, state } of here.removed.toSorted((a, b) => Number(isSure(b)) - Number(isSure(a)))) {
    const { mapping: previous, principal } = state;
    if (previous === undefined || principal === undefined) {
      continue;
    }
    const leave = leaveOf(declarations, state, previous, settings, { isReplaced: true });
    const removals = [];
    for (const place of places.filter((other) => other.keeps(state))) {
      const removal = await ignoreUserErrors(() => place.planRemoval(leave, view));
      view = removal === undefined ? view : changed(view, removal.change);
      removals.push(removal);
    }
    const step = {
      urn,
      principal,
      isRemoval: removals.some((removal) => removal?.kind === "remove"),
      refusal: removals.find((removal) => removal?.refusal !== undefined)?.refusal,
      after: view,
      isSure: isSure({ urn, state }),
    };
    steps.push(step);
    after = step.isSure ? view : after;
  }
  Object.assign(progress, { written, after });
  const mapOf = (of: ClusterView) => loginMap(extent === "all" ? of : concerning(of, principals));
  const { unread } = progress;
  const caller = () => session.caller();
  return { label, connection, unread, live: mapOf(live), after: mapOf(after), written, steps, caller };
}

/** A view after a change. What cannot be edited stays, and the other changes are made. */
function changed(view: ClusterView, change: Change): ClusterView {
  return unlessUserError(() => change(view), view);
}

/** What the declared mappings change, in their order. */
async function changesOf(
  places: readonly Place[],
  declarations: Declarations,
  live: ClusterView,
  declared: Here["after"],
  { before: stored }: Stack,
  settings: Settings,
): Promise<readonly Change[]> {
  const states = new Map(stored.map(({ urn, state }) => [urn, state]));
  const wants = declared.flatMap(({ urn, state, ignoreChanges, isChanged }) => {
    const { mapping: desired, mode } = state;
    if (desired === undefined) {
      return [];
    }
    const old = states.get(urn);
    const declaration = {
      urn,
      principal: principalOf(desired),
      subject: describeSubject(desired),
      label: old?.claim.owner,
      mapping: desired,
      mode,
      isReplacement: false,
      ...flagsOf(state, settings),
      ignored: ignoreChanges,
    };
    declarations.register(declaration);
    const before = old !== undefined && isSameEntry(old, state, settings) ? old : undefined;
    const wish = { desired, before, claimant: claimantInWrite(old?.claim.id, state) };
    // Others of the run are known only after this.
    return isChanged ? [() => wantOf(declarations, declaration, state, wish, settings)] : [];
  });
  const changes: Change[] = [];
  for (const want of wants.map((wanted) => wanted())) {
    const { state, before } = want;
    for (const place of places) {
      // Conflicts have failed in the resource's own check, and so has what has no access entry.
      const plan = await ignoreUserErrors(async () => {
        if (place.keeps(state)) {
          return place.plan(want, live);
        }
        return before?.mapping !== undefined && place.keeps(before)
          ? place.planRemoval(leaveOf(declarations, before, before.mapping, settings, { isMoved: true }), live)
          : undefined;
      });
      changes.push(...(plan === undefined ? [] : [plan.change]));
    }
  }
  return changes;
}

/**
 * Adds the access entries that matter to what is known of a cluster: of all if the stack has any, or if somebody may be locked out; else of
 * those whom this run changes.
 *
 * @returns the principals that it changes; undefined if one is an account, which is everybody in it whom no other entry maps.
 */
async function addEntries(
  progress: Progress,
  { removed, after }: Here,
  { before }: Stack,
): Promise<ReadonlySet<string> | undefined> {
  const { session } = progress;
  const stored = new Map(before.map(({ urn, state }) => [urn, state]));
  const isKept = ({ urn, state, ignoreChanges, isChanged }: Here["after"][number]) => {
    const [old, wanted] = [stored.get(urn)?.mapping, state.mapping];
    const isSame = old !== undefined && wanted !== undefined && sameContent(old, wanted);
    return isSame && !isChanged && (ignoreChanges.length === 0 || !isKeptInEntry(state));
  };
  const [kept, others] = [after.filter(isKept), after.filter((mapping) => !isKept(mapping))];
  const states = [...removed, ...others].flatMap(({ urn, state }) => [state, stored.get(urn) ?? state]);
  const principals = new Set(states.flatMap(({ principal }) => principal ?? []));
  const keptInEntry = kept.map(({ state }) => state).filter(isKeptInEntry);
  const isNeeded = keptInEntry.length > 0 || states.some(isKeptInEntry);
  const isAll = isNeeded || [...principals].some((name) => mayLockOut(progress.written.document, name, undefined));
  try {
    // What is known to be as it should be need not be read.
    const known = progress.after.entries === undefined ? await contentsOf(session, keptInEntry) : [];
    progress.written = await withEntries(session, progress.written, principals, isAll, known);
    progress.after = await withEntries(session, progress.after, principals, isAll, known);
  } catch (error) {
    if (isNeeded || !(error instanceof AwsAuthError)) {
      throw error;
    }
    progress.unread = describeUnread(error);
  }
  return states.some(({ mapping }) => mapping?.kind === "account") ? undefined : principals;
}

async function contentsOf(session: ClusterSession, kept: readonly ResourceState[]): Promise<AccessEntryContent[]> {
  const at = kept.length === 0 ? undefined : await entryClusterOf(session);
  return at === undefined ? [] : kept.map((state) => contentOf(at, state));
}

/** A view as far as these principals are concerned; undefined stands for all. */
function concerning(view: ClusterView, principals: ReadonlySet<string> | undefined): ClusterView {
  if (principals === undefined) {
    return view;
  }
  const entries = view.entries && new Map([...view.entries].filter(([principal]) => principals.has(principal)));
  return { ...view, document: mapFor(view.document, principals), entries };
}

/** The cluster of a state, by default the stack's, with its account looked up. */
async function locate(cluster: unknown, settings: Settings): Promise<unknown> {
  const ref = await resolveClusterRef(cluster && (await knownCluster(cluster, settings)), settings);
  const isKnown = ref.kind !== "eks" || accountOf(ref) !== undefined;
  return stateOf(isKnown ? ref : withAccount(ref, await (await openStore(ref, settings)).account()));
}

/** Reads the map of a cluster. */
async function begin(cluster: unknown, settings: Settings, { sessionOf }: Progresses): Promise<Progress> {
  const ref = await resolveClusterRef(cluster, settings);
  const { store, connection, accessEntries } = (await wayTo(ref, settings)).open();
  const session = (await sessionOf?.(ref)) ?? new ClusterSession(store, new Declarations(), undefined, accessEntries);
  const label = ref.kind === "eks" ? idOf(ref) : store.label;
  const view = viewOfMap(await documentOf(session), label);
  return { label, connection, session, unread: undefined, written: view, after: view };
}
