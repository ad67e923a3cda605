import { compareMaps } from "../access/compare";
import { mayLockOut } from "../access/lockout";
import { summarize, unreadNotes } from "../access/summary";
import type { ClusterRights } from "../access/verdict";
import { lockoutProtection, readRights, type Settings, showsAccess } from "../cluster";
import type { ApiConnection } from "../cluster/request";
import { withoutSecrets } from "../engine/secretValues";
import type { Progresses } from "./clusterProgress";
import { type ClusterRun, type DeclaredMapping, foldRun } from "./clusterRuns";
import { loginMap } from "./clusterView";
import { nameOf } from "./context";
import { type Certainty, describeRefusal, lockoutsBetween } from "./guard";
import type { StoredMapping } from "./state";

interface RunPreview {
  /** Who gains and who loses access: lines for each cluster. */
  readonly summaries: readonly (readonly string[])[];
  /** What goes with the summaries of all parts of a run, where it is previewed in parts. One sentence each. */
  readonly notes: readonly string[];
  /** What the removals lock out, and which of them will be refused. One sentence each. */
  readonly warnings: readonly string[];
  /** Why the run must not go on, where the stack says so. */
  readonly refusal: string | undefined;
}

/**
 * Finds what a run does to people's access, the removal of mappings that the program no longer declares included.
 *
 * @param progresses what the parts of the run before this one have come to, where it is previewed in parts.
 */
export async function previewRun(
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
  settings: Settings,
  progresses?: Progresses,
): Promise<RunPreview> {
  const runs = await foldRun(stored, declared, settings, progresses);
  const unknown = declared.flatMap(({ urn, inputs, isChanged }) =>
    inputs === undefined && isChanged ? [nameOf(urn)] : [],
  );
  const reasons = (await Promise.all(runs.map(findReasons))).flat();
  const isSure = ({ certainty }: Reason) => lockoutProtection(settings) === "error" && certainty === "likely";
  const sure = reasons.filter(isSure).map(({ text }) => text);
  const unsaid = notesOnUnknown(unknown, stored, declared);
  const told = showsAccess(settings) ? await summariesOf(runs, unsaid, progresses !== undefined) : [];
  return {
    summaries: told.map(({ lines }) => lines),
    notes: told.flatMap(({ notes }) => notes),
    warnings: reasons.filter((reason) => !isSure(reason)).map(({ text }) => text),
    refusal: sure.length > 0 ? describeRefusal(sure) : undefined,
  };
}

/** What is told of one cluster: as in {@link RunPreview}. */
type Summary = { readonly [name in "lines" | "notes"]: readonly string[] };

async function summariesOf(
  runs: readonly ClusterRun[],
  unknown: readonly string[],
  isPart: boolean,
): Promise<Summary[]> {
  if (runs.length === 0 && unknown.length > 0) {
    const lines = ["access after this update is not known yet", ...unknown.map((note) => `  ${note}`)];
    return [{ lines, notes: [] }];
  }
  return Promise.all(runs.map((run) => summaryOf(run, unknown, isPart)));
}

/** What to tell of mappings that are not known yet, and of what may be one of them under an earlier name. */
function notesOnUnknown(
  unknown: readonly string[],
  stored: readonly StoredMapping[],
  declared: readonly DeclaredMapping[],
): readonly string[] {
  const before = new Set(stored.map(({ urn }) => urn));
  const after = new Set(declared.map(({ urn }) => urn));
  const isHiding = declared.some(({ urn, inputs, isChanged }) => isChanged && inputs === undefined && !before.has(urn));
  const hidden = isHiding && stored.some(({ urn }) => !after.has(urn));
  return [
    ...(unknown.length === 0 ? [] : [`not known before the update: ${unknown.join(", ")}`]),
    ...(hidden ? ["removals are not shown, since what is not known may be a new name of what is removed"] : []),
  ];
}

async function summaryOf(
  { label, connection, written: { unread }, live, after, steps }: ClusterRun,
  unknown: readonly string[],
  isPart: boolean,
): Promise<Summary> {
  const change = compareMaps(live, after);
  const isRemoving = steps.some(({ isRemoval, isSure }) => isSure && isRemoval);
  const rights = change.changes.length === 0 || connection === undefined ? undefined : await rightsOn(connection);
  const unsure = steps.filter(({ isRemoval, isSure }) => !isSure && isRemoval);
  const namesOf = (those: typeof steps) => those.map(({ urn }) => nameOf(urn)).join(", ");
  // No program knows whether its run refreshes.
  const refused = steps.filter(({ refusal }) => refusal !== undefined);
  const found = rights === undefined ? change : compareMaps(live, after, rights.authorizer.users);
  const notes = [...unreadNotes(found, rights), ...(unread === undefined ? [] : [unread])];
  const lines = summarize(
    label,
    // Others may be affected by the rest of the run.
    isPart ? { ...found, others: 0 } : found,
    rights,
    [
      ...(isPart ? [] : notes),
      ...(unsure.length > 0
        ? [`removed as well, unless a component of another package declares it: ${namesOf(unsure)}`]
        : []),
      ...(refused.length > 0 ? [`removed as well by a run that refreshes (--refresh): ${namesOf(refused)}`] : []),
      ...(isRemoving ? ["mappings that retainOnDelete, deletedWith or --target keeps are shown as removed"] : []),
      ...unknown,
    ],
    shown,
  );
  return { lines, notes: isPart ? notes : [] };
}

/** The parts of a run share the connection, and the rights do not change between them. */
const read = new WeakMap<ApiConnection, Promise<ClusterRights>>();

function rightsOn(connection: ApiConnection): Promise<ClusterRights> {
  const rights = read.get(connection) ?? readRights(connection);
  read.set(connection, rights);
  return rights;
}

/** A secret that could be an ordinary word is hidden in quotes alone. */
function shown(name: string): string {
  return withoutSecrets(`"${name}"`).slice(1, -1);
}

interface Reason {
  readonly text: string;
  readonly certainty: Certainty;
}

async function findReasons({ written, steps, caller }: ClusterRun): Promise<Reason[]> {
  const reasons: Reason[] = [];
  for (const { urn, principal, isRemoval, refusal, after, isSure } of steps) {
    const name = JSON.stringify(nameOf(urn));
    if (refusal !== undefined) {
      // It is going to fail, which is better known before anything is done.
      const text = `IdentityMapping ${name} cannot be removed, unless this run refreshes (--refresh): ${refusal}`;
      reasons.push({ text, certainty: "unsure" });
    }
    if (isRemoval && mayLockOut(loginMap(written), principal, await caller())) {
      const certainty = isSure ? "likely" : "unsure";
      const lockouts = lockoutsBetween(written, after, principal, await caller(), certainty);
      reasons.push(...lockouts.map(({ text }): Reason => ({ text: `IdentityMapping ${name}: ${text}`, certainty })));
      if (written.unread !== undefined) {
        reasons.push({ text: written.unread, certainty: "unsure" });
      }
    }
  }
  return reasons;
}
