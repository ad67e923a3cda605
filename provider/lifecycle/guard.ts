import {
  findLockouts,
  type GuardedGroup,
  groupsTaken,
  hasAccess,
  type Lockout,
  mayLockOut,
  type Taken,
} from "../access/lockout";
import { describeContent } from "../authenticator";
import { lockoutProtection, type Settings } from "../cluster";
import { describeMap, entriesOf, entryInForce, entryMapping, findEntries, parseDocument } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import type { Caller } from "../mapping";
import { superusers } from "../rbac";
import type { ClusterSession } from "../session/session";
import { fieldsOf } from "../text/fields";
import { quoted } from "../text/text";
import {
  type Change,
  type ClusterView,
  documentIfReadable,
  folded,
  loginMap,
  readHolderAgain,
  viewOfMap,
  withEntries,
} from "./clusterView";
import { describeEntry } from "./places/mapMessages";
import { describeSubject } from "./places/messages";
import type { Placed, ResourceState } from "./state";

/** A cluster before a change, and who makes that. */
interface Situation {
  readonly view: ClusterView;
  /** Undefined if it does not matter, or if the cluster does not tell. */
  readonly caller: Caller | undefined;
}

export interface ForeseenLockout {
  readonly lockout: Lockout;
  readonly text: string;
}

/** The places of a cluster, as far as a guard asks for them. */
interface GuardedPlaces {
  readonly session: ClusterSession;
  readonly settings: Settings;
  readonly entry: { keeps(placed: Placed): boolean };
}

/** Guards the administrators, the nodes and the run's own identity against the changes of one resource, in whatever place. */
export class Guard {
  readonly #session: ClusterSession;
  readonly #principal: string;
  readonly #isWithEntries: boolean;
  readonly isStrict: boolean;
  readonly #isOff: boolean;
  #situation: Promise<Situation> | undefined;

  /** @param states the resource before and after the change. */
  constructor({ session, settings, entry }: GuardedPlaces, states: readonly (ResourceState | undefined)[]) {
    this.#session = session;
    this.#principal = states.find((state) => state?.principal !== undefined)?.principal ?? "";
    this.#isWithEntries = states.some((state) => entry.keeps(state));
    // A file locks no one out.
    const isManifest = states.some((state) => fieldsOf(state?.cluster)["manifest"] !== undefined);
    const protection = isManifest ? "off" : lockoutProtection(settings);
    this.isStrict = protection === "error";
    this.#isOff = protection === "off";
  }

  situation(): Promise<Situation> {
    if (this.#isOff) {
      return Promise.resolve({ view: viewOfMap(parseDocument({})), caller: undefined });
    }
    this.#situation ??= this.isStrict ? this.#lookAgain() : this.#look();
    return this.#situation;
  }

  /**
   * What the changes of a plan lock out, together with the earlier plans of this run.
   *
   * @throws AwsAuthError `unsupportedEntry` if an entry cannot be edited.
   */
  async foresee(changes: readonly Change[]): Promise<readonly ForeseenLockout[]> {
    if (this.#isOff) {
      return [];
    }
    const { view, caller } = await this.#look();
    if (!mayLockOut(loginMap(view), this.#principal, caller)) {
      return [];
    }
    const after = folded(view, changes);
    const { taken } = this.#session.declarations;
    const lockouts = lockoutsBetween(view, after, this.#principal, caller, false, taken);
    // A refused change is not made, so it must not affect the next plan.
    if (lockouts.length === 0 || !this.isStrict) {
      const groups = groupsTaken(loginMap(view), loginMap(after), this.#principal);
      taken.set(this.#principal, [...(taken.get(this.#principal) ?? []), ...groups]);
    }
    return lockouts;
  }

  /**
   * What a change locks out that is about to be made, on the exact version on which it is.
   *
   * @returns what to tell of it once it is made.
   * @throws AwsAuthError `lockout` if the stack's configuration forbids it.
   */
  judge({ caller }: Situation, before: ClusterView, after: ClusterView, command = "up"): readonly string[] {
    if (this.#isOff) {
      return [];
    }
    const texts = lockoutsBetween(before, after, this.#principal, caller, !this.isStrict).map(({ text }) => text);
    if (texts.length > 0 && this.isStrict) {
      throw new AwsAuthError("lockout", describeRefusal(texts, command));
    }
    return texts;
  }

  /** The same, once it is certain that those who remain still do: another run may have removed them since this one has read them. */
  async #lookAgain(): Promise<Situation> {
    const session = this.#session;
    const seen = await this.#look();
    if (seen.view.entries === undefined || !mayLockOut(loginMap(seen.view), this.#principal, undefined)) {
      return seen;
    }
    session.forgetMap();
    await readHolderAgain(session, seen.view, this.#principal);
    return this.#look();
  }

  /** Asks for the caller, and EKS for access entries, only if the principal has any access that a change could remove. */
  async #look(): Promise<Situation> {
    const session = this.#session;
    const principals = new Set([this.#principal]);
    if (this.#isWithEntries) {
      // EKS alone makes access entries, so that they need no way to the API server.
      const view = await withEntries(session, viewOfMap(await documentIfReadable(session)), true, principals, true);
      return { view, caller: await ignoreUserErrors(() => session.caller()) };
    }
    const view = viewOfMap(await session.document());
    const caller = hasAccess(view.document, this.#principal) ? await session.caller() : undefined;
    if (!mayLockOut(view.document, this.#principal, caller)) {
      return { view, caller };
    }
    const whole = await withEntries(session, view, false, principals, true);
    if (whole.unread !== undefined) {
      await report("warning", whole.unread, undefined);
    }
    return { view: whole, caller };
  }
}

/**
 * What a change locks out of what a principal has.
 *
 * @param isDone whether the run has made it already.
 */
function lockoutsBetween(
  before: ClusterView,
  after: ClusterView,
  principal: string,
  caller: Caller | undefined,
  isDone: boolean,
  taken?: Taken,
): readonly ForeseenLockout[] {
  const map = loginMap(before);
  if (!mayLockOut(map, principal, caller)) {
    return [];
  }
  return findLockouts(map, loginMap(after), principal, caller, taken).map((lockout) => ({
    lockout,
    text: describeLockout(before, after, principal, lockout, isDone),
  }));
}

/**
 * Describes a lock-out: the mapping, its change, the effect, and the remedy.
 *
 * @param before the cluster before the change.
 */
function describeLockout(
  before: ClusterView,
  after: ClusterView,
  principal: string,
  lockout: Lockout,
  isDone: boolean,
): string {
  const { lost } = lockout;
  const { subject, entry, change, where } =
    before.entries?.get(principal) === undefined
      ? changeInMap(before, principal, lockout, isDone)
      : changeOfEntry(before, after, principal, isDone);
  const first = isDone ? "" : ' and run "pulumi up" first';
  if (lost === "caller") {
    return `${subject} is the identity of this run${entry && `, by ${entry}`}; this run ${change}; the run may lose its access with it; use other credentials, or keep that mapping`;
  }
  const holders =
    lockout.holders === 1
      ? `the only mapping ${purposes[lost]} ${where}`
      : `the last of ${lockout.holders} mappings ${purposes[lost]} that this run leaves ${where}`;
  return `${subject} has ${holders}${entry && `, ${entry}`}; this run ${change}; without one ${consequences[lost]}; add another mapping ${purposes[lost]}${first}`;
}

/** What a message says of a change: `entry` is the one that is changed, and empty if the subject tells. */
function changeInMap(
  { document, entries, label }: ClusterView,
  principal: string,
  { before, after }: Lockout,
  isDone: boolean,
) {
  const mapping = entryMapping(before);
  // With access entries, who logs in as whom is a map of its own.
  const own = entriesOf(document).includes(before) ? before : entryInForce(findEntries(document, principal));
  // Without an entry of its own an identity falls back to that of its account.
  const isTurned = after !== undefined && (after.key === "mapAccounts") === (before.key === "mapAccounts");
  return {
    subject: mapping === undefined ? "nobody" : describeSubject(mapping),
    entry: own === undefined ? "" : describeEntry(document, own),
    change: isTurned
      ? `${isDone ? "turned" : "turns"} it into ${describeContent(after)}`
      : `${isDone ? "removed" : "removes"} it`,
    where: entries === undefined ? `in ${describeMap(document.origin)}` : `that counts on ${label}`,
  };
}

function changeOfEntry(before: ClusterView, after: ClusterView, principal: string, isDone: boolean) {
  const isChanged = after.entries?.get(principal) !== undefined;
  return {
    subject: `arn ${quoted(before.entries?.get(principal)?.principalArn)}`,
    entry: "",
    change: isChanged
      ? `${isDone ? "changed" : "changes"} its access entry`
      : `${isDone ? "deleted" : "deletes"} its access entry`,
    where: `on ${before.label}`,
  };
}

/** @param command what the run may be: a destroy gets the configuration of the last update, so that only the environment can allow it. */
export function describeRefusal(reasons: readonly string[], command = "up"): string {
  return `${reasons.join("; besides, ")}; to allow it, run: AWS_AUTH_LOCKOUT_PROTECTION=off pulumi ${command}`;
}

const purposes = {
  [superusers]: `to ${superusers}`,
  "EC2 nodes": "for EC2 nodes",
  "Fargate nodes": "for Fargate nodes",
} as const satisfies Record<GuardedGroup, string>;

/** What the cluster is without any. */
const consequences = {
  [superusers]: "no identity would be administrator",
  "EC2 nodes": "no EC2 node could join the cluster",
  "Fargate nodes": "no pod could start on Fargate",
} as const satisfies Record<GuardedGroup, string>;
