import { clustersAtOnce, mapConcurrent } from "../async/concurrency";
import { type Settings, stateIdentity } from "../cluster";
import type { AwsAuthDocument } from "../document";
import { parseUrn } from "../engine/urn";
import { ignoreUserErrors, unlessUserError } from "../errors";
import { type Caller, principalOf } from "../mapping";
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
import { claimantInWrite, declarationOf, leaveOf, type Place, type Scope, wantOf } from "./places/place";
import { leftIn } from "./remove";
import { claimProperties, isSameEntry, type Properties, parseState, type StoredMapping, withCluster } from "./state";

export interface DeclaredMapping {
  readonly urn: string;
  /** The inputs as returned by `check`; undefined while a part of them is not known. */
  readonly inputs: Properties | undefined;
  readonly ignoreChanges: readonly string[];
  /** Whether `check` found that the map has to be changed for it, or may. False if it was not checked, since `--target` left it out. */
  readonly isChanged: boolean;
  /**
   * What the IDs of its claims begin with, if it is new. Undefined if the inputs say it, or if the engine has it in the state: under this
   * name or, by an alias, an earlier one.
   */
  readonly stem?: string | undefined;
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
export interface ClusterRun extends Pick<Progress, "label" | "connection" | "written"> {
  /** Who logs in as whom as it is, or as the parts before leave it. */
  readonly live: AwsAuthDocument;
  /** The same at the end, as far as that is sure. */
  readonly after: AwsAuthDocument;
  /** The removals: first those that are sure. */
  readonly steps: readonly RemovalStep[];
  caller(): Promise<Caller | undefined>;
}

/**
 * Folds what a run changes over views of the clusters that it changes. For previews, in the process of the program, since the engine calls
 * the provider for a removal only in an update. Reads each affected cluster once, and skips clusters that cannot be read: the operations
 * themselves report them.
 *
 * @param progresses what the parts of the run before this one have come to, where it is previewed in parts.
 */
export async function foldRun(
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
  settings: Settings,
  progresses?: Progresses,
): Promise<readonly ClusterRun[]> {
  const shared: Progresses = progresses ?? { clusters: new Map() };
  const { clusters } = shared;
  // What the names of clusters in states mean, by their JSON.
  const located = new Map<string, Promise<unknown>>();
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
  const stack = {
    before: new Map(before.map(({ urn, state }) => [urn, state])),
    declared: new Map(after.map((mapping) => [mapping.urn, mapping])),
    settings,
  };
  const known = after.filter(isPlaced);
  const keyOf = ({ state: { cluster } }: Before) => stateIdentity(cluster, settings) ?? JSON.stringify(cluster);
  // Where an alias leads to it, a mapping in the state has a new name.
  for (const { urn, state } of renamedIn(before, stack)) {
    stack.before.set(urn, state);
  }
  const removed = before.filter((mapping) => isRemoved(mapping, stack));
  const touched = Map.groupBy([...removed, ...known.filter(({ isChanged }) => isChanged)], keyOf);
  const runs = await mapConcurrent([...touched], clustersAtOnce, ([key, [first]]) =>
    ignoreUserErrors(async () => {
      const progress = clusters.get(key) ?? begin(first?.state.cluster, settings, shared);
      clusters.set(key, progress);
      const isHere = (mapping: Before) => keyOf(mapping) === key;
      const here = { removed: removed.filter(isHere), after: known.filter(isHere) };
      return foldOn(await progress, here, stack, progresses !== undefined);
    }),
  );
  return runs.filter((run) => run !== undefined);
}

function isPlaced<T extends { readonly state: unknown }>(
  mapping: T,
): mapping is T & { readonly state: NonNullable<T["state"]> } {
  return mapping.state !== undefined;
}

async function foldOn(progress: Progress, here: Here, stack: Stack, isPart: boolean): Promise<ClusterRun> {
  const { label, connection } = progress;
  const {
    places: { all: places },
    scope,
  } = progress;
  const { session } = scope;
  const principals = await addEntries(progress, here, stack);
  const live = progress.after;
  const changes = await changesOf(scope, places, live, here, stack);
  const written = changes.reduce(changed, progress.written);
  const removed = here.removed.map((mapping) => ({ ...mapping, isSure: !mayBeDeclaredElsewhere(mapping, stack) }));
  const steps: RemovalStep[] = [];
  let view = changes.reduce(changed, live);
  let after = view;
  // Certain removals come first, so that they are not blamed for lock-outs that also need an uncertain one.
  for (const { urn, state, isSure } of removed.toSorted((a, b) => Number(b.isSure) - Number(a.isSure))) {
    const { mapping: previous, principal } = state;
    if (previous === undefined || principal === undefined) {
      continue;
    }
    const removals = [];
    for (const place of places) {
      // A cluster whose access entries are not known tells nothing of a move.
      const kept = place.keeps(state) ? state : view.entries && (await ignoreUserErrors(() => leftIn(place, state)));
      if (kept === undefined) {
        continue;
      }
      const leave = leaveOf(scope, kept, previous, { isReplaced: true, isLeftover: kept !== state });
      const removal = await ignoreUserErrors(() => place.planRemoval(leave, view));
      view = removal === undefined ? view : changed(view, removal.change);
      removals.push(removal);
    }
    const isRemoval = removals.some((removal) => removal?.kind === "remove");
    const refusal = removals.find((removal) => removal?.refusal !== undefined)?.refusal;
    steps.push({ urn, principal, isRemoval, refusal, after: view, isSure });
    after = isSure ? view : after;
  }
  Object.assign(progress, { written, after });
  const mapOf = (of: ClusterView) => loginMap(isPart ? concerning(of, principals) : of);
  const caller = () => session.caller();
  return { label, connection, live: mapOf(live), after: mapOf(after), written, steps, caller };
}

/** A view after a change. What cannot be edited stays, and the other changes are made. */
function changed(view: ClusterView, change: Change): ClusterView {
  return unlessUserError(() => change(view), view);
}

async function changesOf(
  scope: Scope,
  places: readonly Place[],
  live: ClusterView,
  { after }: Here,
  { before: stored, settings }: Stack,
): Promise<readonly Change[]> {
  const wants = after.flatMap(({ urn, state, ignoreChanges, isChanged }) => {
    const { mapping: desired } = state;
    if (desired === undefined) {
      return [];
    }
    const old = stored.get(urn);
    const declared = declarationOf(urn, principalOf(desired), state, ignoreChanges);
    const declaration = { ...declared, label: old?.claim.owner };
    scope.declarations.register(declaration);
    const before = old !== undefined && isSameEntry(old, state, settings) ? old : undefined;
    const wish = { desired, before, claimant: claimantInWrite(old?.claim.id, state) };
    // Others of the run are known only after this.
    return isChanged ? [() => wantOf(scope, declaration, state, wish)] : [];
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
          ? place.planRemoval(leaveOf(scope, before, before.mapping, { isMoved: true }), live)
          : undefined;
      });
      changes.push(...(plan === undefined ? [] : [plan.change]));
    }
  }
  return changes;
}

/**
 * Whether the program no longer declares a mapping under any name. So it is if its name now declares something else: it is replaced, and
 * its old entries are removed.
 */
function isRemoved({ urn, state }: Before, { before, declared, settings }: Stack): boolean {
  const isThis = (other: After) => {
    // Under its own name, or the one that an alias gives it, it is this one.
    const stored = before.get(other.urn);
    const old = stored === state ? undefined : stored;
    // What is not fully known yet may be this one: a false alarm would be worse than none, and the removal checks again.
    if (other.state === undefined) {
      return old === undefined;
    }
    // What is known to be new under another name is another resource, whatever it keeps of this one's entry.
    const isOther = (other.isNew && other.urn !== urn) || (old !== undefined && isSameEntry(old, state, settings));
    return !isOther && isSameEntry(other.state, state, settings);
  };
  return ![...declared.values()].some(isThis);
}

/** The mappings in the state to which aliases of declared ones lead, by their new names. */
function renamedIn(stored: readonly Before[], { before, declared, settings }: Stack): Before[] {
  const undeclared = stored.filter(({ urn }) => !declared.has(urn));
  const renamed = [...declared.values()].filter(isPlaced).filter(({ urn, isNew }) => !isNew && !before.has(urn));
  return renamed.flatMap(({ urn, state }): Before[] => {
    const [old, ...others] = undeclared.filter((other) => isSameEntry(other.state, state, settings));
    return old === undefined || others.length > 0 ? [] : [{ urn, state: old.state }];
  });
}

/**
 * Whether another process may declare a mapping: a component from a package in another language runs in its own process, and this
 * program does not see its resources. True for a child of components that have no mapping of this program as a child.
 */
function mayBeDeclaredElsewhere({ urn }: Before, { declared }: Stack): boolean {
  const parentsOf = (of: string) => parseUrn(of)?.parentTypes.join("$") ?? "";
  const parents = parentsOf(urn);
  return parents !== "" && ![...declared.keys()].some((other) => parentsOf(other) === parents);
}
