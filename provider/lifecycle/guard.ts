import { findLockouts, isAdministratorOtherwise, type Lockout, mayLockOut } from "../access/lockout";
import { type LoginView, mapOf } from "../access/loginMap";
import { type AccessEntryContent, translate } from "../accessEntries";
import { type AwsAuthMap, entriesOf, entryInForce, findEntries, keyOf, parseMap } from "../awsAuthMap";
import { lockoutProtection } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import { type Caller, type Mapping, principalKey, principalOf } from "../mapping";
import type { ClusterSession } from "../session/session";
import { fieldsOf } from "../text/fields";
import { quoted } from "../text/text";
import type { Guard } from "./guardTypes";
import { describeSubject } from "./messages";
import type { Run } from "./run";
import type { ResourceState } from "./state";
import type { Content, PlaceName } from "./types";

/**
 * Who gets into a cluster now. A place that cannot be read is empty, so that what is unknown never counts as an administrator.
 *
 * @param all whether the access entries of all principals matter, and not only those of this one.
 */
export async function viewOf(session: ClusterSession, principal: string, all: boolean): Promise<LoginView> {
  const entries = await session.accessEntries();
  const mode = (await entries?.cluster())?.authenticationMode;
  const document = mode === "API" ? undefined : await ignoreUserErrors(() => session.document());
  const contents =
    entries === undefined || mode === "CONFIG_MAP"
      ? undefined
      : await ignoreUserErrors(() => (all ? entries.all() : entries.find(principal)));
  return { document: document ?? parseMap({}), entries: contents ?? [], mode };
}

/** The view after the principal of a mapping gets this content in a place; undefined: no content. */
export async function changed(
  session: ClusterSession,
  view: LoginView,
  place: PlaceName,
  { mapping, principalArn }: Pick<ResourceState, "mapping" | "principalArn">,
  content: Content | undefined,
): Promise<LoginView> {
  if (mapping === undefined) {
    return view;
  }
  const next: Mapping =
    mapping.kind === "account" || content === undefined
      ? mapping
      : { kind: mapping.kind, arn: mapping.arn, groups: content.groups, username: content.username ?? "" };
  if (place === "map") {
    return { ...view, document: withMapping(view.document, next, content !== undefined) };
  }
  const cluster = await (await session.accessEntries())?.cluster();
  const translation =
    cluster === undefined || content === undefined
      ? undefined
      : translate(next, {
          clusterAccount: cluster.account,
          partition: cluster.partition,
          principalArn: principalArn ?? (mapping.kind === "account" ? "" : mapping.arn),
        });
  const after = translation?.kind === "entry" ? translation.content : undefined;
  return withEntry(view, principalOf(mapping), after);
}

function withMapping(document: AwsAuthMap, mapping: Mapping, isThere: boolean): AwsAuthMap {
  const principal = principalOf(mapping);
  const others = entriesOf(document).filter((entry) => entry.principal !== principal);
  const entry =
    mapping.kind === "account"
      ? { key: keyOf(mapping), account: mapping.account, principal, username: "", groups: [] }
      : { key: keyOf(mapping), arn: mapping.arn, principal, username: mapping.username ?? "", groups: mapping.groups };
  return mapOf(isThere ? [...others, entry] : others);
}

function withEntry(view: LoginView, principal: string, content: AccessEntryContent | undefined): LoginView {
  const others = view.entries.filter(({ principalArn }) => principalKey(principalArn) !== principal);
  return { ...view, entries: content === undefined ? others : [...others, content] };
}

/** Judges the changes of one resource, and collects what is only warned about. */
export class LockoutGuard implements Guard {
  readonly #run: Run;
  readonly #session: ClusterSession;
  readonly #mapping: Mapping;
  readonly #principal: string;
  readonly #view: LoginView;
  readonly #caller: Caller | undefined;
  readonly #warnings = new Set<string>();

  constructor(run: Run, session: ClusterSession, mapping: Mapping, view: LoginView, caller: Caller | undefined) {
    this.#run = run;
    this.#session = session;
    this.#mapping = mapping;
    this.#principal = principalOf(mapping);
    this.#view = view;
    this.#caller = caller;
  }

  map(before: AwsAuthMap, after: AwsAuthMap): void {
    this.judge({ ...this.#view, document: before }, { ...this.#view, document: after });
  }

  async entry(after: AccessEntryContent | undefined): Promise<void> {
    // The run may have changed others since.
    const view = await viewOf(this.#session, this.#principal, true);
    this.judge(view, withEntry(view, this.#principal, after));
  }

  /**
   * Judges the removal from several places as a whole: after the first one it would be too late.
   *
   * @throws AwsAuthError `lockout`.
   */
  judgeRemoval(places: readonly PlaceName[]): void {
    const document = places.includes("map")
      ? withMapping(this.#view.document, this.#mapping, false)
      : this.#view.document;
    const after = { ...this.#view, document };
    this.judge(this.#view, places.includes("entries") ? withEntry(after, this.#principal, undefined) : after);
  }

  /** @throws AwsAuthError `lockout`. */
  judge(before: LoginView, after: LoginView): void {
    const lockouts = findLockouts(before, after, this.#principal, this.#caller);
    if (lockouts.length === 0) {
      return;
    }
    const isUndoable = isAdministratorOtherwise(before, this.#caller);
    const isRefused =
      lockoutProtection(this.#run.settings) === "error" &&
      lockouts.some((lockout) => !(lockout === "administrator" && isUndoable));
    const text = describeLockouts(describeSubject(this.#mapping), lockouts, this.#session.label);
    if (isRefused) {
      const command = this.#run.resources.size > 0 ? "up" : "destroy";
      const override = `AWS_AUTH_LOCKOUT_PROTECTION=off pulumi ${command}`;
      throw new AwsAuthError("lockout", `${text}, or let it through with ${quoted(override)}`);
    }
    this.#warnings.add(text);
  }

  /** Reports what was let through. */
  async warn(urn?: string): Promise<void> {
    for (const text of this.#warnings) {
      await report("warning", text, urn);
    }
  }
}

/**
 * The guard of a resource; undefined if its change cannot lock out anyone, or for a manifest, which locks no one out.
 *
 * @throws AwsAuthError any of the cluster codes.
 */
export async function guardOf(
  run: Run,
  session: ClusterSession,
  { mapping, cluster }: Pick<ResourceState, "mapping" | "cluster">,
): Promise<LockoutGuard | undefined> {
  const isOff = lockoutProtection(run.settings) === "off";
  if (mapping === undefined || isOff || fieldsOf(cluster)["manifest"] !== undefined) {
    return undefined;
  }
  const principal = principalOf(mapping);
  const own = await viewOf(session, principal, false);
  // Most principals are neither administrators nor nodes, and then it matters only whether they are the run's own.
  const isNamed = mayLockOut(own, principal, undefined);
  const caller = hasAccess(own, principal) ? await ignoreUserErrors(() => session.caller()) : undefined;
  if (!isNamed && !mayLockOut(own, principal, caller)) {
    return undefined;
  }
  const view = isNamed ? await viewOf(session, principal, true) : own;
  return new LockoutGuard(run, session, mapping, view, caller);
}

/** Whether a principal gets in at all. An account may let in the run, whatever its entries are. */
function hasAccess({ document, entries }: LoginView, principal: string): boolean {
  return entries.length > 0 || entryInForce(findEntries(document, principal)) !== undefined;
}

const losses: Readonly<Record<Exclude<Lockout, "caller">, string>> = {
  administrator: "the last administrator",
  "EC2 node": "the last role of EC2 nodes",
  "Fargate node": "the last role of Fargate nodes",
};

function describeLockouts(subject: string, lockouts: readonly Lockout[], label: string): string {
  const lost = lockouts.flatMap((lockout) => (lockout === "caller" ? [] : losses[lockout])).join(" and ");
  return lost === ""
    ? `${subject} is the identity of this run, which would lose its access to ${label}; use other credentials`
    : `${subject} is ${lost} of ${label} and would no longer be; map another one first`;
}

/** Makes the changes of one resource; one after the other where they may lock anyone out, so that each sees what is left. */
export async function guarded(
  run: Run,
  session: ClusterSession,
  state: ResourceState,
  change: (guard: LockoutGuard | undefined) => Promise<void>,
): Promise<void> {
  if ((await guardOf(run, session, state)) === undefined) {
    await change(undefined);
    return;
  }
  await run.guarded.run(async () => {
    const guard = await guardOf(run, session, state);
    await change(guard);
    await guard?.warn();
  });
}
