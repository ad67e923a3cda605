import { clustersAtOnce, mapConcurrent } from "../async/concurrency";
import { type Settings, stateIdentity } from "../cluster";
import type { AwsAuthDocument } from "../document";
import { ignoreUserErrors, unlessUserError } from "../errors";
import { type Caller, principalOf } from "../mapping";
import { Declarations } from "../session/declarations";
import {
  type After,
  addEntries,
  type Before,
  begin,
  concerning,
  type Here,
  locate,
  type Progress,
  type Progresses,
  type Stack,
} from "./clusterProgress";
import { type Change, type ClusterView, loginMap } from "./clusterView";
import { describeSubject } from "./places/messages";
import { claimantInWrite, leaveOf, type Place, wantOf } from "./places/place";
import { placesOf } from "./places/places";
import {
  claimProperties,
  flagsOf,
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
  /**
   * What the IDs of its claims begin with, if it is new. Undefined if the inputs say it, or if the engine has it in the state: under this
   * name or, by an alias, an earlier one.
   */
  readonly stem?: string | undefined;
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
export interface ClusterRun extends Pick<Progress, "label" | "connection" | "written"> {
  /** Who logs in as whom as it is, or as the parts before leave it. */
  readonly live: AwsAuthDocument;
  /** The same at the end, as far as that is sure. */
  readonly after: AwsAuthDocument;
  /** The removals: first those that are sure. */
  readonly steps: readonly RemovalStep[];
  /** Who the run is to the cluster. */
  caller(): Promise<Caller | undefined>;
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
    declared.map(async ({ inputs, stem, ...mapping }) => {
      const state = inputs && (await placed({ ...claimProperties({ stem }), ...inputs }));
      return { ...mapping, isNew: stem !== undefined, state };
    }),
  );
  const keyOf = ({ state: { cluster } }: Before) => stateIdentity(cluster, settings) ?? JSON.stringify(cluster);
  const removed = removedFrom(before, after, settings);
  const stack = { removed, before: [...before, ...renamedIn(before, after, settings)], declared: after };
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
  const caller = () => session.caller();
  return { label, connection, live: mapOf(live), after: mapOf(after), written, steps, caller };
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

/** The mappings in the state to which aliases of declared ones lead, by their new names. */
function renamedIn(stored: readonly Before[], declared: readonly After[], settings: Settings): Before[] {
  const before = new Set(stored.map(({ urn }) => urn));
  const after = new Set(declared.map(({ urn }) => urn));
  const left = stored.filter(({ urn }) => !after.has(urn));
  const renamed = declared.filter(isPlaced).filter(({ urn, isNew }) => !isNew && !before.has(urn));
  return renamed.flatMap(({ urn, state }): Before[] => {
    const [old, ...others] = left.filter((other) => isSameEntry(other.state, state, settings));
    return old === undefined || others.length > 0 ? [] : [{ urn, state: old.state }];
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
