import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { claimsIn, isInEntry, isInMap } from "../accessEntries";
import { idOf, ownershipPolicy, type Settings, stateOf } from "../cluster";
import { type AwsAuthDocument, appendEntry, claimsOn, type Entry, removeEntry, updateEntry } from "../document";
import { report } from "../engine/diagnostics";
import { secretsOf } from "../engine/secretValues";
import { AwsAuthError } from "../errors";
import { type Mapping, noPrincipal } from "../mapping";
import { type Claim, isInConflict, newClaimId } from "../ownership";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { entryClusterOf, isAgreed, previousEntry } from "./accessEntry";
import { describeConflict, describeForbidden, describeFullRecord } from "./describe";
import { inTurn } from "./inTurn";
import { assertNoLockout, callerFor, isLockoutRefused } from "./lockout";
import { isLeftInMap, removeOrphan } from "./orphan";
import { claimedPart } from "./ownEntry";
import { claimantInWrite, claimantOfState, replaceClaims, type WantedLine } from "./ownership";
import { type Intent, intentOf, isForbidden, type Plan, planEntry } from "./plan";
import { leaveMap } from "./remove";
import type { Run } from "./run";
import { flagsOf, outputsOf, principalProperty, type ResourceState, withCluster } from "./state";
import {
  ensureAccessEntry,
  entryInForce,
  type LabelledWish,
  removeAccessEntry,
  takeBackAccessEntry,
} from "./writeAccessEntry";

/** The result of a plan. */
interface AppliedPlan {
  readonly document: AwsAuthDocument;
  /** Whether the record contains the resource's claim. */
  readonly isClaimed: boolean;
}

/**
 * Applies a plan to the entry and its claims.
 *
 * @param claim the resource's claim; undefined: makes none, and removes those that it has.
 * @throws AwsAuthError `duplicateArn` if another entry conflicts, `claimed` if claims of others do, `unreadableKey` if the key
 * cannot be edited.
 */
export function applyPlan(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  claim: WantedLine | undefined,
): AppliedPlan {
  if (isForbidden(plan)) {
    throw new AwsAuthError("claimed", describeForbidden(document, plan, intent));
  }
  if (isInConflict(plan, intent)) {
    throw new AwsAuthError("duplicateArn", describeConflict(document, plan, intent));
  }
  const { document: edited, entry } = editFor(plan.removes.reduce(removeEntry, document), plan);
  return replaceClaims(edited, plan.replaced, entry, claim);
}

function editFor(
  document: AwsAuthDocument,
  { own, inSync, wanted }: Plan,
): { document: AwsAuthDocument; entry: Entry } {
  if (own === undefined) {
    return appendEntry(document, wanted);
  }
  return inSync ? { document, entry: own } : updateEntry(document, own, wanted);
}

/** Adds the entry, takes over an existing one, or changes nothing, depending on the map when it is written. */
export async function create(run: Run, inputs: ResourceState): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs.cluster);
  const located = withCluster(inputs, stateOf(ref));
  const outs = await inTurn(session, undefined, inputs, run.settings, () =>
    reconcile(run, session, located, undefined),
  );
  return { id: `${idOf(ref)}/${idSubject(inputs)}`, outs };
}

/**
 * The subject of the mapping in its ID. The engine shows the ID and stores it unencrypted, so a secret value must not be part of
 * it, not even as a digest.
 */
function idSubject(inputs: ResourceState): unknown {
  const { properties } = inputs;
  const name = principalProperty(inputs);
  return secretsOf(properties).includes(name) ? `secret:${randomBytes(6).toString("hex")}` : properties[name];
}

/** Updates the entry in place. Adds it again if it was removed outside of Pulumi. */
export async function update(run: Run, olds: ResourceState, news: ResourceState): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news.cluster);
  const located = withCluster(news, stateOf(ref));
  return { outs: await inTurn(session, olds, news, run.settings, () => reconcile(run, session, located, olds)) };
}

/**
 * Keeps a mapping where its mode says, and nowhere else. What gives access anew comes first, and is proven before anything goes, so
 * that whoever is mapped has access at every moment, and a run that is killed leaves at most too much, which the next one removes.
 *
 * @param olds the outputs of the resource in an update.
 * @returns the outputs.
 */
async function reconcile(
  run: Run,
  session: ClusterSession,
  inputs: ResourceState,
  olds: ResourceState | undefined,
): Promise<Record<string, unknown>> {
  const { settings } = run;
  const { mapping: desired, mode } = inputs;
  if (desired === undefined) {
    throw new AwsAuthError("invalidInput", noPrincipal);
  }
  const writer = await writerOf(session, desired, inputs, olds, settings);
  const entryWish = entryWishOf(run, session, inputs, olds, writer);
  const made = isInEntry(mode) ? await ensureAccessEntry(session, inputs, entryWish, writer.id, settings) : undefined;
  const accessEntry = made?.stored;
  let claimId: string | undefined;
  try {
    claimId = isInMap(mode) ? await ensure(session, inputs, desired, writer, settings) : undefined;
  } catch (error) {
    // No state would know of it.
    throw olds === undefined && made !== undefined ? await takeBackAccessEntry(session, made, writer.id, error) : error;
  }
  if (olds !== undefined && !isInMap(mode) && (isInMap(olds.mode) || (await isLeftInMap(session, olds)))) {
    await entryInForce(session, inputs, accessEntry, entryWish);
    await leaveMap(run, session, olds);
  }
  if (olds !== undefined && isInEntry(olds.mode) && !isInEntry(mode)) {
    await removeAccessEntry(session, olds, claimantOfState(olds), settings, true);
  } else if (!isInEntry(mode) && (olds?.claim.id !== undefined || flagsOf(inputs, settings).adopt)) {
    await removeOrphan(session, inputs, claimantInWrite(olds?.claim.id, inputs), settings);
  }
  const isClaimed = accessEntry !== undefined && writer.label !== undefined;
  return outputsOf(inputs, isClaimed ? writer.id : claimId, accessEntry);
}

function entryWishOf(
  run: Run,
  session: ClusterSession,
  inputs: ResourceState,
  olds: ResourceState | undefined,
  { declaration, wish, label }: Writer,
): LabelledWish {
  const previous =
    olds === undefined ? previousEntry(run, inputs, declaration?.urn) : isInEntry(olds.mode) ? olds : undefined;
  return {
    previous,
    claimant: wish.claimant,
    label,
    isAgreed: isAgreed(session, inputs, declaration?.urn),
    ignored: inputs.claim.ignored ?? declaration?.ignored ?? [],
  };
}

/**
 * Makes the map match the inputs. Plans again for the exact version of the map that is written, so that the guarantees of the
 * preview hold for it too.
 *
 * @returns the ID of the resource's claim in the record; undefined if there is none.
 */
async function ensure(
  session: ClusterSession,
  inputs: ResourceState,
  desired: Mapping,
  writer: Writer,
  settings: Settings,
): Promise<string | undefined> {
  const isGuarded = isLockoutRefused(settings);
  const caller = isGuarded ? await callerFor(session, desired) : undefined;
  const { id, label } = writer;
  const isClaimed = await session.commit((document) => {
    const intent = intentOf(session, writer.declaration, inputs, writer.wish, settings);
    const plan = planEntry(document, intent);
    const part = claimedPart(intent.ignored);
    const claim = label === undefined ? undefined : { part, id, label, isFound: plan.isFound };
    const applied = applyPlan(document, plan, intent, claim);
    if (isGuarded) {
      assertNoLockout(document, applied.document, desired, caller);
    }
    return { document: applied.document, result: applied.isClaimed || claim === undefined };
  });
  if (!isClaimed) {
    await report("warning", describeFullRecord(), undefined);
  }
  return isClaimed && label !== undefined ? id : undefined;
}

/** A resource that writes, as far as that does not depend on the map. */
interface Writer {
  readonly declaration: Declaration | undefined;
  readonly wish: Pick<Intent, "desired" | "previous" | "claimant">;
  /** The ID of its claim. One for all attempts, so that an earlier attempt with an unknown outcome is recognized. */
  readonly id: string;
  /** The label of its claim; undefined if it makes none: by the settings, or constructed without this SDK. */
  readonly label: string | undefined;
}

async function writerOf(
  session: ClusterSession,
  desired: Mapping,
  inputs: ResourceState,
  olds: ResourceState | undefined,
  settings: Settings,
): Promise<Writer> {
  const { owner } = inputs.claim;
  const declaration = session.declarations.of(desired, owner);
  // If a resource is replaced without a change of identity, its entry still exists when the replacement is created.
  const previous = olds === undefined ? declaration?.previous : isInMap(olds.mode) ? olds.mapping : undefined;
  const id = olds?.claim.id ?? inputs.claim.id ?? newClaimId(inputs.claim.stem, await claimsFor(session, inputs));
  const claimant = claimantInWrite(id, inputs, olds === undefined ? declaration : undefined);
  const label = ownershipPolicy(settings) === "off" ? undefined : owner;
  return { declaration, wish: { desired, previous, claimant }, id, label };
}

/** The claims on the entries of a principal, wherever a mapping is kept. */
async function claimsFor(session: ClusterSession, { mode, principal = "" }: ResourceState): Promise<readonly Claim[]> {
  const lines = isInMap(mode) ? claimsOn(await session.document(), principal) : [];
  const entries = isInEntry(mode) ? await (await entryClusterOf(session)).entries.find(principal) : [];
  return [...lines, ...entries.flatMap(({ tags }) => claimsIn(tags))];
}
