import { setTimeout as pause } from "node:timers/promises";
import { holds } from "../cluster/store";
import { type AwsAuthDocument, changesSince, type MapChanges, maxMapBytes } from "../document";
import { AwsAuthError, RefusedContentError, UnknownOutcomeError } from "../errors";
import type { KnownMap, Snapshot } from "./knownMap";

/**
 * Refuses a write that the API server would refuse, before anything is sent.
 *
 * @throws AwsAuthError `tooLarge`.
 */
export function assertFits(data: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>>): void {
  const next = { ...data, ...changes };
  // Text takes at most three bytes for each of JavaScript's characters, and counting is worth it only near the limit.
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

/** A change that waits to be written. It is told once what became of it; whatever it is told later has no effect. */
export interface Pending {
  /** Computes the next document, and keeps the result for `settle`. */
  apply(document: AwsAuthDocument): AwsAuthDocument;
  settle(): void;
  fail(error: unknown): void;
}

/** A group of changes, as they come out on one version of the map. */
interface Applied {
  readonly document: AwsAuthDocument;
  /** What to write; undefined: nothing. */
  readonly changes: MapChanges | undefined;
  /** The changes that threw, each with what it threw. */
  readonly rejected: ReadonlyMap<Pending, unknown>;
}

/** Applies each change to what the ones before it left; one that throws is left out. */
function applyAll(group: readonly Pending[], base: Snapshot): Applied {
  const whole = applyInTurn(group, base, () => {});
  try {
    return { ...whole, changes: changesThatFit(whole.document, base) };
  } catch {
    // Only now is it worth measuring the map after each change: what makes it too large fails, and the rest goes on.
    const parts = applyInTurn(group, base, (document) => changesThatFit(document, base));
    return { ...parts, changes: changesThatFit(parts.document, base) };
  }
}

/** Tells each change of a group that was stored. */
export function settle(group: readonly Pending[], { rejected }: Applied): void {
  for (const change of group) {
    if (rejected.has(change)) {
      change.fail(rejected.get(change));
    } else {
      change.settle();
    }
  }
}

/** Tells the changes that threw, whatever became of the others. */
function failRejected({ rejected }: Applied): void {
  for (const [change, error] of rejected) {
    change.fail(error);
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

/** Pause before another attempt after a conflict: random up to so many milliseconds for each attempt made, and at most maxPause. */
const pauseStep = 10;
const maxPause = 250;

/** After so many attempts the user is told what the run is waiting for. */
const patientAttempts = 5;

/** How many writes of a group may end without an outcome, conflicts apart: each of them may have taken as long as a write may. */
const maxUnknown = 3;

/** What a group is written with. */
interface CommitContext {
  readonly map: KnownMap;
  /** Takes the changes that wait to be written. */
  take(): readonly Pending[];
  /** Shows a user what the run is waiting for. */
  tell(status: string): void;
}

/** A write of which nobody knows whether it was stored. If it still arrives, it can be stored only at the version it was made for. */
interface Doubtful {
  readonly group: readonly Pending[];
  readonly applied: Applied;
  readonly changes: MapChanges;
  readonly version: string | undefined;
  readonly error: UnknownOutcomeError;
}

/**
 * Writes the changes that wait, as one group, and tells each its own outcome; never throws. Where the server refuses what the group
 * says, the group is narrowed down: what is refused fails alone, with the server's message, and the rest is stored.
 */
export async function commitGroup(context: CommitContext): Promise<void> {
  const group: Pending[] = [];
  // Whatever comes in during the read, or during the pause before another attempt, joins.
  const join = () => void group.push(...context.take());
  try {
    const refusal = await write(group, context, join);
    if (refusal !== undefined) {
      await narrow(group, refusal, context);
    }
  } catch (error) {
    join();
    for (const change of group) {
      change.fail(error);
    }
  }
}

/**
 * Stores what is not refused of a group that was refused as a whole, in its order. A refused change is found by halving, and fails
 * alone. How many changes are tried at once after it follows from how many were stored for each that failed, so that neither a few
 * refused changes nor a group of nothing else take many writes: of n changes of which k are refused, about k × log2(n / k) more, and
 * hardly more than n where all are.
 */
async function narrow(group: readonly Pending[], refusal: RefusedContentError, context: CommitContext): Promise<void> {
  const left = [...group];
  let size = left.length;
  let latest: RefusedContentError | undefined = refusal;
  for (let failed = 1; latest !== undefined; failed++) {
    // The first so many of what is left were refused together.
    while (size > 1) {
      const half = size >> 1;
      const ofHalf: RefusedContentError | undefined = await write(left.slice(0, half), context);
      if (ofHalf === undefined) {
        left.splice(0, half);
      }
      size = ofHalf === undefined ? size - half : half;
      latest = ofHalf ?? latest;
    }
    left.shift()?.fail(latest);
    latest = undefined;
    while (latest === undefined && left.length > 0) {
      const stored = group.length - left.length - failed;
      size = Math.min(left.length, Math.ceil((stored + 1) / failed));
      latest = await write(left.slice(0, size), context);
      if (latest === undefined) {
        left.splice(0, size);
      }
    }
  }
}

/**
 * Plans and writes until a version of the map that holds the changes is stored. What has been told its outcome is taken out of the
 * group.
 *
 * @returns the refusal, where the server refuses what the changes that are left in the group say.
 * @throws what concerns them all, whatever they say.
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
      takeOut(group, stored.group);
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
        // An old version may not decide that there is nothing to write.
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
        // What threw may have done so for the sake of a change that is refused: it is judged anew without that.
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
        failRejected(applied);
        throw isConflict ? starved(map.label, error) : error;
      }
    }
  }
}

/** The map as it is; where it cannot be read, a write before has the outcome that it had: none that anybody knows. */
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
  await pause(Math.random() * Math.min(maxPause, attempt * pauseStep));
}

function takeOut(group: Pending[], told: readonly Pending[]): void {
  const left = group.filter((change) => !told.includes(change));
  group.splice(0, group.length, ...left);
}

function starved(label: string, cause: AwsAuthError): AwsAuthError {
  return new AwsAuthError(
    "conflict",
    `${label}: kube-system/aws-auth was changed by somebody else before each of ${maxAttempts} attempts to write it; find out who keeps writing ("kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields" names them), then run again`,
    { cause },
  );
}
