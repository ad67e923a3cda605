import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { isInEntry, isInMap } from "../accessEntries";
import { idOf, ownershipPolicy, type Settings, stateOf } from "../cluster";
import {
  type AwsAuthDocument,
  appendEntry,
  type Claim,
  claimsOn,
  covers,
  type Entry,
  removeEntry,
  updateEntry,
} from "../document";
import { report } from "../engine/diagnostics";
import { secretsOf } from "../engine/secretValues";
import { AwsAuthError } from "../errors";
import { type Mapping, noPrincipal, principalOf, sameContent } from "../mapping";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { agreeingLabels, type EntryWish, previousEntry } from "./accessEntry";
import { describeConflict, describeForbidden, describeFullRecord, describeNamesake } from "./describe";
import { inTurn } from "./inTurn";
import { assertNoLockout, callerFor, isLockoutRefused } from "./lockout";
import { isLeftInMap, removeOrphan } from "./orphan";
import { claimedPart } from "./ownEntry";
import { claimantInWrite, claimantOfState, newClaimId, replaceClaims, type WantedClaim } from "./ownership";
import { type Intent, intentOf, isConflict, isForbidden, type Plan, planEntry } from "./plan";
import { leaveMap } from "./remove";
import type { Run } from "./run";
import { outputsOf, principalProperty, type ResourceState, withCluster } from "./state";
import { ensureAccessEntry, entryInForce, removeAccessEntry } from "./writeAccessEntry";

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
 * @param namesakes other claims with the resource's label, which its own claim replaces as well.
 * @throws AwsAuthError `duplicateArn` if another entry conflicts, `claimed` if claims of others do, `unreadableKey` if the key
 * cannot be edited.
 */
export function applyPlan(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  claim: WantedClaim | undefined,
  namesakes: readonly Claim[] = [],
): AppliedPlan {
  if (isForbidden(plan)) {
    throw new AwsAuthError("claimed", describeForbidden(document, plan, intent));
  }
  if (isConflict(plan, intent)) {
    throw new AwsAuthError("duplicateArn", describeConflict(document, plan, intent));
  }
  const { document: edited, entry } = editFor(plan.removes.reduce(removeEntry, document), plan);
  return replaceClaims(edited, [...plan.standing.ownClaims, ...plan.displaced, ...namesakes], entry, claim);
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
  const writer = writerOf(session, desired, inputs, olds);
  const entryWish = entryWishOf(run, session, inputs, olds, writer);
  const accessEntry = isInEntry(mode)
    ? await ensureAccessEntry(session, inputs, entryWish, writer.id, settings)
    : undefined;
  const claimId = isInMap(mode) ? await ensure(session, inputs, desired, writer, settings) : undefined;
  if (olds !== undefined && !isInMap(mode) && (isInMap(olds.mode) || (await isLeftInMap(session, olds)))) {
    await entryInForce(session, inputs, accessEntry, entryWish);
    await leaveMap(run, session, olds);
  }
  if (olds !== undefined && isInEntry(olds.mode) && !isInEntry(mode)) {
    await removeAccessEntry(session, olds, claimantOfState(olds), settings, true);
  } else if (!isInEntry(mode) && !writer.isLabelShared) {
    await removeOrphan(session, olds ?? inputs, settings);
  }
  const isClaimed = accessEntry !== undefined && writer.label !== undefined && ownershipPolicy(settings) !== "off";
  return outputsOf(inputs, isClaimed ? writer.id : claimId, accessEntry);
}

function entryWishOf(
  run: Run,
  session: ClusterSession,
  inputs: ResourceState,
  olds: ResourceState | undefined,
  { declaration, label, isLabelShared, id }: Writer,
): EntryWish {
  const previous =
    olds === undefined ? previousEntry(run, inputs, declaration?.urn) : isInEntry(olds.mode) ? olds : undefined;
  const isKnownByLabel = olds === undefined ? previous !== undefined : olds.claim.id === undefined;
  return {
    previous,
    claimant: claimantInWrite(id, label, isKnownByLabel, isLabelShared),
    label: isLabelShared ? undefined : label,
    agreeing: agreeingLabels(session, inputs, declaration?.urn),
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
  const label = writer.label !== undefined && ownershipPolicy(settings) !== "off" ? writer.label : undefined;
  const { isClaimed, namesakes } = await session.commit((document) => {
    const intent = intentOf(session, writer.declaration, inputs, writer.wish, settings);
    const plan = planEntry(document, intent);
    const namesakes = namesakesOf(plan, writer);
    const claim = label === undefined ? undefined : claimFor(document, plan, intent, { ...writer, label }, namesakes);
    const applied = applyPlan(document, plan, intent, claim, namesakes);
    if (isGuarded) {
      assertNoLockout(document, applied.document, desired, caller);
    }
    return { document: applied.document, result: { isClaimed: applied.isClaimed || claim === undefined, namesakes } };
  });
  if (namesakes.length > 0) {
    await report("warning", describeNamesake(desired, namesakes), writer.declaration?.urn);
  }
  if (!isClaimed) {
    await report("warning", describeFullRecord(), undefined);
  }
  return isClaimed && label !== undefined ? writer.id : undefined;
}

/** A resource that writes, as far as that does not depend on the map. */
interface Writer {
  readonly declaration: Declaration | undefined;
  readonly wish: Pick<Intent, "desired" | "previous" | "claimant">;
  /** The ID of its claim. One for all attempts, so that an earlier attempt with an unknown outcome is recognized. */
  readonly id: string;
  /** Its label in the record; undefined for a resource constructed without this SDK. */
  readonly label: string | undefined;
  /** Whether another resource of the program has the same label and principal. */
  readonly isLabelShared: boolean;
  /** Whether it is new and has no entry yet, from which a replacement would take over. */
  readonly isFirstCreate: boolean;
}

function writerOf(
  { declarations }: ClusterSession,
  desired: Mapping,
  inputs: ResourceState,
  olds: ResourceState | undefined,
): Writer {
  const label = inputs.claim.owner;
  const declaration = declarations.of(desired, label);
  const isReplacement = declaration?.isReplacement === true;
  // If a resource is replaced without a change of identity, its entry still exists when the replacement is created.
  const previous = olds === undefined ? declaration?.previous : isInMap(olds.mode) ? olds.mapping : undefined;
  const id = olds?.claim.id ?? inputs.claim.id ?? newClaimId();
  const isLabelShared = declaration !== undefined && declarations.sharesLabel(declaration);
  const isKnownByLabel = olds === undefined ? isReplacement : olds.claim.id === undefined;
  const claimant = claimantInWrite(id, label, isKnownByLabel, isLabelShared);
  const isFirstCreate = previous === undefined && !isReplacement;
  return { declaration, wish: { desired, previous, claimant }, id, label, isLabelShared, isFirstCreate };
}

/** The claims under the label of a new resource, which can only be left from another one. */
function namesakesOf({ standing }: Plan, { label, isFirstCreate, isLabelShared }: Writer): readonly Claim[] {
  return isFirstCreate && !isLabelShared ? standing.otherClaims.filter((claim) => claim.label === label) : [];
}

/** The claim of a resource on its entry, in place of its earlier ones and of its namesakes. */
function claimFor(
  document: AwsAuthDocument,
  plan: Plan,
  intent: Intent,
  { id, label, isFirstCreate }: Writer & { readonly label: string },
  namesakes: readonly Claim[],
): WantedClaim {
  const isFoundNow = (isFirstCreate || plan.isJoining) && isForeign(document, plan, intent);
  const wasFound = !plan.isJoining && plan.standing.ownClaims.some((claim) => claim.isFound);
  // It is not known whether a namesake still wants the entry, so its removal is reported.
  const isFound = isFoundNow || wasFound || namesakes.length > 0;
  return { part: claimedPart(intent.ignored), id, label, isFound };
}

/**
 * Whether the entry that a resource finds belongs to nobody: it is not claimed, and not declared by another resource of this run.
 */
function isForeign(document: AwsAuthDocument, { own, inSync }: Plan, { desired, declared }: Intent): boolean {
  const isDeclared = declared.some(({ mapping }) => mapping !== undefined && sameContent(mapping, desired));
  return (
    own !== undefined &&
    inSync &&
    !isDeclared &&
    !claimsOn(document, principalOf(desired)).some((claim) => covers(claim, own))
  );
}
