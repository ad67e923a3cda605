import { mayLockOut } from "../access/lockout";
import { mapFor } from "../access/loginMap";
import { type AccessEntryContent, hasOwnUser, isAdministrator } from "../accessEntries";
import {
  accountOf,
  type ClusterRef,
  idOf,
  knownCluster,
  openStore,
  resolveClusterRef,
  type Settings,
  stateOf,
  type Way,
  wayTo,
  withAccount,
} from "../cluster";
import { sameContent } from "../mapping";
import { Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { type ClusterView, documentOf, viewOfMap, withEntries } from "./clusterView";
import { accessEntryClusterOf, contentOf } from "./places/accessEntryCluster";
import { Scope } from "./places/place";
import { Places } from "./places/places";
import type { ResourceState } from "./state";

/** A mapping in the stack's state, parsed. */
export interface Before {
  readonly urn: string;
  readonly state: ResourceState;
}

/** A mapping that the program declares, parsed. */
export interface After {
  readonly urn: string;
  readonly state: ResourceState | undefined;
  readonly ignoreChanges: readonly string[];
  readonly isChanged: boolean;
  /** Whether it is known to be new, so that no alias leads to one in the state. */
  readonly isNew: boolean;
}

/** What of a stack is on one cluster: what it removes, and what its program declares. */
export interface Here {
  readonly removed: readonly Before[];
  readonly after: readonly (After & Before)[];
}

/** What a stack has, and what its program declares, on all clusters. */
export interface Stack {
  /** Both by URN. */
  readonly before: ReadonlyMap<string, ResourceState>;
  readonly declared: ReadonlyMap<string, After>;
  readonly settings: Settings;
}

/** How far a run has come on a cluster. */
export interface Progress {
  readonly label: string;
  readonly connection: ReturnType<Way["open"]>["connection"];
  readonly places: Places;
  /** With what the parts so far declare, which keeps what a later part leaves. */
  readonly scope: Scope;
  /** The cluster after all declared mappings are written and before anything is removed. */
  written: ClusterView;
  /** The cluster at the end, as far as that is sure. */
  after: ClusterView;
}

/** What the parts of a run share. */
export interface Progresses {
  /** The clusters, each of which is read once, or found once to be unreadable. */
  readonly clusters: Map<string, Promise<Progress>>;
  /** The session of this process that has read the map, if there is one. */
  readonly sessionOf?: (ref: ClusterRef) => Promise<ClusterSession>;
}

export async function begin(cluster: unknown, settings: Settings, { sessionOf }: Progresses): Promise<Progress> {
  const ref = await resolveClusterRef(cluster, settings);
  const { store, connection, accessEntries } = (await wayTo(ref, settings)).open();
  const session = (await sessionOf?.(ref)) ?? new ClusterSession(store, new Declarations(), undefined, accessEntries);
  const label = ref.kind === "eks" ? idOf(ref) : store.label;
  const view = viewOfMap(await documentOf(session), label);
  const scope = new Scope(session, settings, new Declarations());
  return { label, connection, places: new Places(session, settings), scope, written: view, after: view };
}

/** The cluster of a state, by default the stack's, with its account looked up. */
export async function locate(cluster: unknown, settings: Settings): Promise<unknown> {
  const ref = await resolveClusterRef(cluster && (await knownCluster(cluster, settings)), settings);
  const isKnown = ref.kind !== "eks" || accountOf(ref) !== undefined;
  return stateOf(isKnown ? ref : withAccount(ref, await (await openStore(ref, settings)).account()));
}

/**
 * Adds the access entries that matter to what is known of a cluster: of all if the stack has any, or if somebody may be locked out; else of
 * those whom this run changes.
 *
 * @returns the principals that it changes; undefined if one is an account, which is everybody in it whom no other entry maps.
 */
export async function addEntries(
  progress: Progress,
  { removed, after }: Here,
  { before }: Stack,
): Promise<ReadonlySet<string> | undefined> {
  const { session, entry } = progress.places;
  const isKept = ({ urn, state, ignoreChanges, isChanged }: Here["after"][number]) => {
    const [old, wanted] = [before.get(urn)?.mapping, state.mapping];
    const isSame = old !== undefined && wanted !== undefined && sameContent(old, wanted);
    return isSame && !isChanged && (ignoreChanges.length === 0 || !entry.keeps(state));
  };
  const [kept, others] = [after.filter(isKept), after.filter((mapping) => !isKept(mapping))];
  const states = [...removed, ...others].flatMap(({ urn, state }) => [state, before.get(urn) ?? state]);
  const principals = new Set(states.flatMap(({ principal }) => principal ?? []));
  const keptInEntry = kept.map(({ state }) => state).filter((state) => entry.keeps(state));
  const isNeeded = keptInEntry.length > 0 || states.some((state) => entry.keeps(state));
  const isAll = isNeeded || [...principals].some((name) => mayLockOut(progress.written.document, name, undefined));
  // What is known to be as it should be need not be read.
  const known = progress.after.entries === undefined ? await contentsOf(session, keptInEntry) : [];
  progress.written = await withEntries(session, progress.written, isNeeded, principals, isAll, known);
  progress.after = await withEntries(session, progress.after, isNeeded, principals, isAll, known);
  return states.some(({ mapping }) => mapping?.kind === "account") ? undefined : principals;
}

async function contentsOf(session: ClusterSession, kept: readonly ResourceState[]): Promise<AccessEntryContent[]> {
  const at = kept.length === 0 ? undefined : await accessEntryClusterOf(session);
  const contents = at === undefined ? [] : kept.map((state) => contentOf(at, state));
  // Whether an administrator or a node is one still, the entry and IAM tell.
  return contents.filter((content) => !isAdministrator(content) && hasOwnUser(content));
}

/** A view as far as these principals are concerned; undefined stands for all. */
export function concerning(view: ClusterView, principals: ReadonlySet<string> | undefined): ClusterView {
  if (principals === undefined) {
    return view;
  }
  const entries = view.entries && new Map([...view.entries].filter(([principal]) => principals.has(principal)));
  return { ...view, document: mapFor(view.document, principals), entries };
}
