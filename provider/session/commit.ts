import { setTimeout as pause } from "node:timers/promises";
import { holds } from "../cluster/store";
import { type AwsAuthDocument, changesSince, type MapChanges, maxMapBytes } from "../document";
import { AwsAuthError, RefusedContentError, UnknownOutcomeError } from "../errors";
import type { KnownMap, Snapshot } from "./knownMap";

/**
 * Refuses a write that is too large for the API server, before sending it.
 *
 * @throws AwsAuthError `tooLarge`.
 */
export function assertFits(data: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>>): void {
  const next = { ...data, ...changes };
  // A JavaScript character takes at most three bytes, so exact counting is needed only near the limit.
  if (3 * lengthOf(next) <= maxMapBytes) {
    return;
  }
  const before = bytesOf(data);
  const after = bytesOf(next);
  if (after > maxMapBytes && after > before) {
    throw new AwsAuthError(
      "tooLarge",
      `kube-system/aws-auth would grow from ${before} to ${after} bytes, and a ConfigMap holds at most ${maxMapBytes}; map a role that many people assume instead of each person, or remove entries that nobody uses`,
    );
  }
}

function bytesOf(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function lengthOf(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, text) => sum + text.length, 0);
}

/** A change that waits to be written. Only the first outcome that it is told counts. */
export interface Pending {
  /** Computes the next document, and stores the result for `settle`. */
  apply(document: AwsAuthDocument): AwsAuthDocument;
  settle(): void;
  fail(error: unknown): void;
}

interface Applied {
  readonly document: AwsAuthDocument;
  readonly changes: MapChanges | undefined;
  readonly rejected: ReadonlyMap<Pending, unknown>;
}

/** Applies the changes one after the other, skipping those that throw. */
function applyAll(group: readonly Pending[], base: Snapshot): Applied {
  const whole = applyInTurn(group, base, () => {});
  try {
    return { ...whole, changes: changesThatFit(whole.document, base) };
  } catch {
    // Measures the map after each change only if the whole group does not fit: changes that make it too large fail, and the others
    // proceed.
    const parts = applyInTurn(group, base, (document) => changesThatFit(document, base));
    return { ...parts, changes: changesThatFit(parts.document, base) };
  }
}

function settle(group: readonly Pending[], { rejected }: Applied): void {
  for (const change of group) {
    if (rejected.has(change)) {
      change.fail(rejected.get(change));
    } else {
      change.settle();
    }
  }
}

function applyInTurn(
  group: readonly Pending[],
  base: Snapshot,
  assertAllowed: (document: AwsAuthDocument) => void,
): Omit<Applied, "changes"> {
  let document = base.document;
  const rejected = new Map<Pending, unknown>();
  for (const change of group) {
    try {
      const next = change.apply(document);
      assertAllowed(next);
      document = next;
    } catch (error) {
      rejected.set(change, error);
    }
  }
  return { document, rejected };
}

function changesThatFit(document: AwsAuthDocument, base: Snapshot): MapChanges | undefined {
  const changes = changesSince(document, base.document);
  assertFits(base.stored.data, changes?.data ?? {});
  return changes;
}

/** Every conflict means that somebody else wrote, so this many in a row means starvation, not an error of ours. */
const maxAttempts = 100;

/**
 * The maximum pause after a conflict, in milliseconds, grows by this for each attempt, up to maxPause, and shrinks by it before the last
 * ones, since whoever has waited longest would lose to those who come anew. The pause itself is random.
 */
const pauseStep = 10;
const maxPause = 250;

/** The number of attempts after which the user is told what the run is waiting for. */
const patientAttempts = 5;

/**
 * How many writes of a group may have an unknown outcome, not counting conflicts, since each may take up to the time limit of a
 * write.
 */
const maxUnknown = 3;

interface CommitContext {
  readonly map: KnownMap;
  /** Takes the waiting changes. */
  take(): readonly Pending[];
  /** Shows the user what the run is waiting for. */
  tell(status: string): void;
}

/** A write with an unknown outcome. If it arrives later, it can be stored only at the version for which it was made. */
interface Doubtful {
  readonly group: readonly Pending[];
  readonly applied: Applied;
  readonly changes: MapChanges;
  readonly version: string | undefined;
  readonly error: UnknownOutcomeError;
}

/**
 * Writes the waiting changes as one group, and settles each with its own outcome. Never throws. If the server refuses the group
 * because of its content, each change is tried alone: only those that it refuses fail, with the server's message.
 */
export async function commitGroup(context: CommitContext): Promise<void> {
  const group: Pending[] = [];
  // Changes that arrive during the read, or during the pause before another attempt, join the group.
  const join = () => void group.push(...context.take());
  try {
    const refusal = await write(group, context, join);
    const isAlone = group.length === 1;
    for (const change of refusal === undefined ? [] : group) {
      const refusalOfChange = isAlone ? refusal : await write([change], context);
      if (refusalOfChange !== undefined) {
        change.fail(refusalOfChange);
      }
    }
  } catch (error) {
    join();
    for (const change of group) {
      change.fail(error);
    }
  }
}

/**
 * Plans and writes until a version of the map with the changes is stored. Removes settled changes from the group.
 *
 * @returns the refusal, if the server refuses the content of the remaining changes.
 * @throws an error that affects all changes, regardless of their content.
 */
async function write(
  group: Pending[],
  { map, tell }: CommitContext,
  join: () => void = () => {},
): Promise<RefusedContentError | undefined> {
  const doubtful: Doubtful[] = [];
  let unknown = 0;
  for (let attempt = 1; ; attempt++) {
    const base = await readAfter(doubtful, map);
    const stored = doubtful.find(
      ({ version, changes }) => version !== base.stored.version && holds(base.stored, changes),
    );
    if (stored !== undefined) {
      settle(stored.group, stored.applied);
      group.splice(0, group.length, ...group.filter((change) => !stored.group.includes(change)));
      doubtful.length = 0;
    }
    const last = doubtful.at(-1);
    if (last !== undefined && unknown >= maxUnknown) {
      throw last.error;
    }
    join();
    const applied = applyAll(group, base);
    const { changes, document } = applied;
    if (changes === undefined) {
      if (map.isOld) {
        // An old version must not decide that there is nothing to write.
        map.forget();
        continue;
      }
      settle(group, applied);
      return undefined;
    }
    try {
      await map.write(changes, document, base);
      settle(group, applied);
      return undefined;
    } catch (error) {
      if (error instanceof RefusedContentError) {
        // A change may have thrown because of a refused change, so it is applied again without that.
        return error;
      }
      if (error instanceof UnknownOutcomeError) {
        doubtful.push({ group: [...group], applied, changes, version: base.stored.version, error });
      }
      const isConflict = error instanceof AwsAuthError && error.code === "conflict";
      if (isConflict && attempt < maxAttempts) {
        await pauseAfterConflict(attempt, map, tell);
      } else if (error instanceof UnknownOutcomeError && !isConflict) {
        unknown++;
      } else {
        // They fail on their own, regardless of the others.
        for (const [change, reason] of applied.rejected) {
          change.fail(reason);
        }
        throw isConflict ? starved(map.label, error) : error;
      }
    }
  }
}

/** Reads the map. If that fails, the outcome of earlier writes stays unknown. */
async function readAfter(doubtful: readonly Doubtful[], map: KnownMap): Promise<Snapshot> {
  try {
    return await map.current();
  } catch (error) {
    throw doubtful.at(-1)?.error ?? error;
  }
}

async function pauseAfterConflict(attempt: number, map: KnownMap, tell: (status: string) => void): Promise<void> {
  if (attempt >= patientAttempts) {
    tell(`${map.label}: somebody else keeps changing kube-system/aws-auth; attempt ${attempt + 1} to write it`);
  }
  await pause(Math.random() * Math.min(maxPause, attempt * pauseStep, (maxAttempts - attempt) * pauseStep));
}

function starved(label: string, cause: AwsAuthError): AwsAuthError {
  return new AwsAuthError(
    "conflict",
    `${label}: kube-system/aws-auth was changed by somebody else before each of ${maxAttempts} attempts to write it; find out who keeps writing ("kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields" names them), then run again`,
    { cause },
  );
}
