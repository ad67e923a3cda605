import { isInMap } from "../accessEntries";
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
import { type AwsAuthDocument, removeEntry } from "../document";
import { ignoreUserErrors, unlessUserError } from "../errors";
import { type Caller, type Mapping, principalOf } from "../mapping";
import { isInConflict } from "../ownership";
import { type Declaration, Declarations } from "../session/declarations";
import { ClusterSession } from "../session/session";
import { describeSubject } from "./describe";
import { documentOf } from "./guardAccessEntry";
import { claimantInWrite } from "./ownership";
import { intentOf, isForbidden, planEntry, planRemoval, type Removal, storedIntent } from "./plan";
import { type After, type Before, mayBeDeclaredElsewhere, removedFrom } from "./removals";
import { type MappingRun, type SimulatedEntries, withAccessEntries } from "./simulateEntries";
import {
  flagsOf,
  isOnSameCluster,
  isSameEntry,
  type Properties,
  parseState,
  type ResourceState,
  type StoredMapping,
  withCluster,
} from "./state";
import { applyPlan } from "./write";

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
  readonly previous: Mapping;
  readonly removal: Removal;
  /** The map that it is made in. */
  readonly document: AwsAuthDocument;
  /** The map that it leaves. */
  readonly after: AwsAuthDocument;
  /** Whether nobody but this program could declare the mapping. */
  readonly isSure: boolean;
}

/** What a run does to the map of one cluster. */
export interface ClusterRun {
  /** Names the cluster, for messages. */
  readonly label: string;
  /** As {@link OpenCluster}. */
  readonly connection: OpenCluster["connection"];
  /** The map as it is, or as the parts before leave it, with the access entries of the cluster if any mapping has one. */
  readonly live: AwsAuthDocument;
  /** The map after all declared mappings are written and before anything is removed. */
  readonly written: AwsAuthDocument;
  /** The same at the end, as far as that is sure. */
  readonly after: AwsAuthDocument;
  /** The removals: first those that are sure. */
  readonly steps: readonly RemovalStep[];
  /** Who the run is to the cluster. */
  caller(): Promise<Caller | undefined>;
}

/** How far the simulation of a cluster has come. */
interface Progress extends SimulatedEntries {
  readonly ref: ClusterRef;
  readonly label: string;
  readonly connection: OpenCluster["connection"];
  readonly session: ClusterSession;
  /** As in {@link ClusterRun}, without access entries. */
  written: AwsAuthDocument;
  after: AwsAuthDocument;
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
  const before = stored.map(({ urn, outputs }) => ({ urn, state: parseState(outputs) }));
  const after = await placedOn(
    declared.map(({ inputs, ...mapping }) => ({ ...mapping, state: inputs && parseState(inputs) })),
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
  const { ref, session, connection, label } = progress;
  const isHere = (state: ResourceState) => touched.some((other) => isOnSameCluster(other.state, state, settings));
  const here = stack.after.filter(({ state }) => isHere(state ?? unknownState));
  const live = progress.after;
  const written = withDeclared(progress.written, session, stack.before, here, settings);
  const start = live === progress.written ? written : withDeclared(live, session, stack.before, here, settings);
  const removed = stack.removed.filter((mapping) => touched.includes(mapping));
  const isSure = (mapping: Before) => !mayBeDeclaredElsewhere(mapping, stack.after);
  const steps: RemovalStep[] = [];
  let [document, after] = [start, start];
  // Certain removals come first, so that they are not blamed for lock-outs that also need an uncertain one.
  for (const { urn, state } of [...removed.filter(isSure), ...removed.filter((mapping) => !isSure(mapping))]) {
    const { mapping: previous } = state;
    if (previous !== undefined) {
      const removal = planRemoval(document, storedIntent(session, state, previous, settings));
      const left =
        removal.kind === "remove" ? unlessUserError(() => removeEntry(document, removal.entry), document) : document;
      const step = { urn, previous, removal, document, after: left, isSure: isSure({ urn, state }) };
      steps.push(step);
      document = left;
      after = step.isSure ? left : after;
    }
  }
  const mappings = mappingsOn(removed, here, stack);
  const principals = progresses.isByPrincipal === true ? principalsOf(mappings) : undefined;
  const maps = await withAccessEntries(ref, { live, after }, mappings, settings, progress, principals);
  Object.assign(progress, { written, after });
  return { label, connection, ...maps, written, steps, caller: () => session.caller() };
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
  const session = new ClusterSession(store, new Declarations());
  const live = await documentOf(sessionOf === undefined ? session : await sessionOf(ref));
  const label = ref.kind === "eks" ? idOf(ref) : store.label;
  return { ref, label, connection, session, written: live, after: live };
}

/** The mappings that a run removes from a cluster, changes or leaves there. */
function mappingsOn(removed: readonly Before[], here: readonly After[], { before }: Stack): MappingRun[] {
  const stored = new Map(before.map(({ urn, state }) => [urn, state]));
  const declared = here.map(({ urn, state, ...mapping }) => ({ ...mapping, before: stored.get(urn), after: state }));
  const gone = { after: undefined, ignoreChanges: [], isChanged: true };
  return [...removed.map(({ state }) => ({ ...gone, before: state })), ...declared];
}

/** Whom mappings are for; undefined if one is for an account, which is for everybody in it whom no other entry maps. */
function principalsOf(mappings: readonly MappingRun[]): ReadonlySet<string> | undefined {
  const states = mappings.flatMap(({ before, after }) => [before, after]).filter((state) => state !== undefined);
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

/** The map after all declared mappings are written and before anything is removed. */
function withDeclared(
  live: AwsAuthDocument,
  session: ClusterSession,
  stored: readonly Before[],
  declared: readonly After[],
  settings: Settings,
): AwsAuthDocument {
  const before = new Map(stored.map(({ urn, state }) => [urn, state]));
  const wanted = declared.flatMap(({ urn, state = unknownState, ignoreChanges, isChanged }) => {
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
      mode: state.mode,
      previous: isSameEntry(old, state, settings) && isInMap(old.mode) ? old.mapping : undefined,
      isReplacement: false,
      ...flagsOf(state, settings),
      ignored: ignoreChanges,
    };
    session.declarations.register(declaration);
    return isChanged && isInMap(state.mode)
      ? [{ declaration, mapping, state, claimant: claimantInWrite(old.claim.id, state) }]
      : [];
  });
  return wanted.reduce((document, { declaration, mapping, state, claimant }) => {
    const wish = { desired: mapping, previous: declaration.previous, claimant };
    const intent = intentOf(session, declaration, state, wish, settings);
    const plan = planEntry(document, intent);
    // Conflicts have failed in the resource's own check. An entry that cannot be edited stays, and the other changes are made.
    return isInConflict(plan, intent) || isForbidden(plan)
      ? document
      : unlessUserError(() => applyPlan(document, plan, intent, undefined).document, document);
  }, live);
}
