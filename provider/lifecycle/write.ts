import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { idOf, ownershipPolicy, stateOf } from "../cluster";
import { report } from "../diagnostics";
import type { Claim } from "../document";
import { AwsAuthError } from "../errors";
import { secretsOf } from "../secretValues";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { applyPlan } from "./applyPlan";
import { describeFullRecord, describeNamesake } from "./describeClaims";
import { assertNoLockout, callerFor, isLockoutRefused } from "./guard";
import { intentOf } from "./intent";
import { newClaimId, type WantedClaim } from "./ownership";
import { type Plan, planEntry, sharersOf } from "./plan";
import { run } from "./run";
import { mappingOf, outputsOf, type Properties, storedClaim } from "./state";

/** Adds the entry, takes over what is there, or finds that nothing is to be done: whatever the map needs when it is written. */
export async function create(inputs: Properties): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs["cluster"]);
  const claimId = await ensure(session, inputs, undefined);
  const outs = outputsOf({ ...inputs, cluster: stateOf(ref) }, claimId);
  return { id: `${idOf(ref)}/${subjectOf(inputs)}`, outs };
}

/** What names the mapping in its ID, which the engine shows, and keeps in clear: of a secret nothing, which a digest would tell. */
function subjectOf(inputs: Properties): unknown {
  const name = inputs["account"] === undefined ? "arn" : "account";
  return secretsOf(inputs).includes(name) ? `secret:${randomBytes(6).toString("hex")}` : inputs[name];
}

/** Edits the entry in its place; one that was removed outside of Pulumi is added again. */
export async function update(_id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news["cluster"]);
  const claimId = await ensure(session, news, olds);
  return { outs: outputsOf({ ...news, cluster: stateOf(ref) }, claimId) };
}

/**
 * Makes the map say what the inputs say. The plan is made anew for the very version of the map that is written, so that what a
 * preview promised holds for it as well.
 *
 * @param olds the outputs of a resource that is updated.
 * @returns the ID of the claim that the record holds for the resource; undefined where it holds none.
 */
async function ensure(
  session: ClusterSession,
  inputs: Properties,
  olds: Properties | undefined,
): Promise<string | undefined> {
  const desired = mappingOf(inputs);
  if (desired === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      "neither arn nor account is set; give the ARN of an IAM role or user, or an account",
    );
  }
  const label = storedClaim(inputs).owner;
  const declaration = session.declarations.of(desired, label);
  // A resource that is replaced without a change of its identity still has its entry when it is created anew.
  const previous = olds === undefined ? declaration?.previous : mappingOf(olds);
  const isGuarded = isLockoutRefused();
  const caller = isGuarded ? await callerFor(session, desired) : undefined;
  // One ID for all attempts, which tells one of them that nobody knows to have been stored.
  const id = (olds && storedClaim(olds).id) ?? newClaimId();
  const claimant = declaration?.isReplacement === true ? { id: undefined, label } : { id, label };
  const { isClaimed, namesakes } = await session.commit((document) => {
    const intent = intentOf(session, declaration, desired, previous, inputs, claimant);
    const plan = planEntry(document, intent);
    if (isGuarded) {
      assertNoLockout(document, plan, caller);
    }
    const namesakes = olds === undefined ? namesakesIn(plan, label, session, declaration) : [];
    const claim = claimFor(plan, id, label, olds === undefined ? namesakes : undefined);
    const { document: applied, isClaimed } = applyPlan(document, plan, intent, claim, namesakes);
    return { document: applied, result: { isClaimed: isClaimed || claim === undefined, namesakes } };
  });
  if (namesakes.length > 0) {
    await report("warning", describeNamesake(desired, namesakes), declaration?.urn);
  }
  if (!isClaimed) {
    await report("warning", describeFullRecord(), undefined);
  }
  return isClaimed && isOwned(label) ? id : undefined;
}

/** Claims under the resource's own name that are not its own: of a run that was killed, or of a stack of this name elsewhere. */
function namesakesIn(
  { standing }: Plan,
  label: string | undefined,
  { declarations }: ClusterSession,
  declaration: Declaration | undefined,
): readonly Claim[] {
  const found = standing.others.filter((claim) => claim.label === label);
  const [claim] = found;
  // Two resources of this program may have one name, in different components.
  const isOthers =
    claim !== undefined &&
    declarations.others(claim.principal, declaration?.urn).some((other) => other.label === label);
  return isOthers ? [] : found;
}

/** @param namesakes for a resource that is created, the claims that its claim takes the place of. */
function claimFor(
  plan: Plan,
  id: string,
  label: string | undefined,
  namesakes: readonly Claim[] | undefined,
): WantedClaim | undefined {
  if (label === undefined || !isOwned(label)) {
    return undefined;
  }
  const replaced = [...plan.standing.own, ...(namesakes ?? [])];
  const isNew = (namesakes !== undefined && replaced.length === 0) || plan.isJoining;
  const isFound =
    (!plan.isJoining && replaced.some((claim) => claim.isFound)) ||
    (isNew && plan.inSync && sharersOf(plan).length === 0);
  return { id, label, isFound };
}

/** Whether the resource of this label makes a claim: one that was built by hand has no label. */
function isOwned(label: string | undefined): boolean {
  return label !== undefined && ownershipPolicy(run.settings) !== "off";
}
