import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { idOf, ownershipPolicy, type Settings, stateOf } from "../cluster";
import { report } from "../diagnostics";
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
import { AwsAuthError } from "../errors";
import { noPrincipal, principalOf, sameContent } from "../mapping";
import { secretsOf } from "../secretValues";
import type { ClusterSession } from "../session/session";
import { claimantInWrite } from "./claimant";
import { describeConflict, describeForbidden, describeFullRecord, describeNamesake } from "./describe";
import { assertNoLockout, callerFor, isLockoutRefused } from "./lockout";
import { claimedPart, newClaimId, replaceClaims, type WantedClaim } from "./ownership";
import { type Intent, intentOf, isConflict, isForbidden, type Plan, planEntry } from "./plan";
import type { Run } from "./run";
import { outputsOf, principalProperty, type ResourceState, withCluster } from "./state";

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
  return replaceClaims(edited, [...plan.standing.own, ...plan.displaced, ...namesakes], entry, claim);
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
  const claimId = await ensure(session, inputs, undefined, run.settings);
  return { id: `${idOf(ref)}/${idSubject(inputs)}`, outs: outputsOf(withCluster(inputs, stateOf(ref)), claimId) };
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
  const claimId = await ensure(session, news, olds, run.settings);
  return { outs: outputsOf(withCluster(news, stateOf(ref)), claimId) };
}

/**
 * Makes the map match the inputs. Plans again for the exact version of the map that is written, so that the guarantees of the
 * preview hold for it too.
 *
 * @param olds the outputs of the resource in an update.
 * @returns the ID of the resource's claim in the record; undefined if there is none.
 */
async function ensure(
  session: ClusterSession,
  inputs: ResourceState,
  olds: ResourceState | undefined,
  settings: Settings,
): Promise<string | undefined> {
  const { mapping: desired } = inputs;
  if (desired === undefined) {
    throw new AwsAuthError("invalidInput", noPrincipal);
  }
  const label = inputs.claim.owner;
  const declaration = session.declarations.of(desired, label);
  // If a resource is replaced without a change of identity, its entry still exists when the replacement is created.
  const previous = olds === undefined ? declaration?.previous : olds.mapping;
  const isGuarded = isLockoutRefused(settings);
  const caller = isGuarded ? await callerFor(session, desired) : undefined;
  // One ID for all attempts, so that an earlier attempt with an unknown outcome is recognized.
  const id = olds?.claim.id ?? newClaimId();
  const isLabelShared = declaration !== undefined && session.declarations.sharesLabel(declaration);
  const isKnownByLabel = olds === undefined ? declaration?.isReplacement === true : olds.claim.id === undefined;
  const claimant = claimantInWrite(id, label, isKnownByLabel, isLabelShared);
  const isOwned = label !== undefined && ownershipPolicy(settings) !== "off";
  const { isClaimed, namesakes } = await session.commit((document) => {
    const intent = intentOf(session, declaration, inputs, { desired, previous, claimant }, settings);
    const plan = planEntry(document, intent);
    const isFirstCreate = olds === undefined && previous === undefined && declaration?.isReplacement !== true;
    const namesakes =
      isFirstCreate && !isLabelShared ? plan.standing.others.filter((claim) => claim.label === label) : [];
    const isFound = (isFirstCreate || plan.isJoining) && isForeign(document, plan, intent);
    const claim = isOwned
      ? claimFor(plan, intent, { id, label, isFound }, [...plan.standing.own, ...namesakes])
      : undefined;
    const { document: applied, isClaimed } = applyPlan(document, plan, intent, claim, namesakes);
    if (isGuarded) {
      assertNoLockout(document, applied, desired, caller);
    }
    return { document: applied, result: { isClaimed: isClaimed || claim === undefined, namesakes } };
  });
  if (namesakes.length > 0) {
    await report("warning", describeNamesake(desired, namesakes), declaration?.urn);
  }
  if (!isClaimed) {
    await report("warning", describeFullRecord(), undefined);
  }
  return isClaimed && isOwned ? id : undefined;
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

/** @param superseded the claims that the resource's claim replaces. */
function claimFor(
  { standing, isJoining }: Plan,
  { ignored }: Intent,
  { id, label, isFound }: WantedClaim,
  superseded: readonly Claim[],
): WantedClaim {
  // It is not known whether a namesake still wants the entry, so its removal is reported.
  const isAnothers = superseded.some((claim) => (claim.isFound && !isJoining) || !standing.own.includes(claim));
  return { part: claimedPart(ignored), id, label, isFound: isFound || isAnothers };
}
