import type { dynamic } from "@pulumi/pulumi";
import { isInMap } from "../accessEntries";
import { ownershipPolicy, type Settings } from "../cluster";
import { type AwsAuthDocument, covers } from "../document";
import { report } from "../engine/diagnostics";
import { secretsOf } from "../engine/secretValues";
import { hasUnknown } from "../engine/unknownValue";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import { fieldsOf } from "../text/fields";
import { describeForbidden, describeLostClaim, describeSharing } from "./describe";
import { claimantInDiff, hasRoomFor } from "./ownership";
import { intentOf, isForbidden, type Plan, planEntry, sharersOf } from "./plan";
import type { Run } from "./run";
import { isOnSameCluster, keyOfInputs, type ResourceState } from "./state";

/**
 * Decides whether a resource needs an update or a replacement. `check` has just compared the live map with the inputs. This
 * compares the claims on the entry, since only the outputs contain the ID of the resource's claim. `adopt` and `noDuplicateARNs`
 * are not part of the entry, so changing them changes nothing.
 *
 * @param olds the stored outputs.
 * @param news the checked inputs.
 * @throws AwsAuthError `claimed` if others have taken over the entry, or claim it with its current content.
 */
export async function diff(run: Run, olds: ResourceState, news: ResourceState): Promise<dynamic.DiffResult> {
  const replaces = replacedBy(olds, news, run.settings);
  if (replaces.length > 0) {
    return { changes: true, replaces };
  }
  const [before, after] = [olds.mapping, news.mapping];
  if (before === undefined || after === undefined) {
    return { changes: true, replaces };
  }
  const isClaimChanged = await compareClaims(run, olds, news, before, after);
  return { changes: isClaimChanged || isChanged(run, olds, news, before, after), replaces };
}

/** Another identity or another cluster means another entry. Another spelling of the same ARN does not. */
function replacedBy(olds: ResourceState, news: ResourceState, settings: Settings): string[] {
  const replaces = isOnSameCluster(olds, news, settings) ? [] : ["cluster"];
  if (news.principal === undefined || news.principal !== olds.principal) {
    const isGiven = (name: string) => [olds, news].some(({ properties }) => properties[name] !== undefined);
    replaces.push(...["arn", "account"].filter(isGiven));
  }
  return replaces;
}

function isChanged(run: Run, olds: ResourceState, news: ResourceState, before: Mapping, after: Mapping): boolean {
  const isRespelt = olds.properties["arn"] !== news.properties["arn"];
  return (
    !sameContent(before, after) ||
    isRespelt ||
    isReachedOtherwise(olds, news) ||
    olds.mode !== news.mode ||
    olds.accessEntry?.principalArn !== news.accessEntry?.principalArn ||
    run.outOfSync.has(keyOfInputs(news, run.settings))
  );
}

/**
 * Whether to write the resource's claim or its stored data. Reports the reason if somebody else caused it.
 *
 * @throws AwsAuthError `claimed`.
 */
async function compareClaims(
  run: Run,
  olds: ResourceState,
  news: ResourceState,
  before: Mapping,
  after: Mapping,
): Promise<boolean> {
  const [stored, wanted] = [olds.claim, news.claim];
  const isKeptOtherwise =
    stored.id !== undefined &&
    (!sameList(stored.ignored, wanted.ignored) || !sameList(secretsOf(olds.properties), secretsOf(news.properties)));
  // Moves always write.
  const isInBoth = [olds, news].every(({ mode }) => isInMap(mode));
  const found = hasUnknown(news.cluster) || !isInBoth ? undefined : await planFor(run, olds, news, before, after);
  if (found === undefined) {
    return isKeptOtherwise;
  }
  const { plan, urn, document } = found;
  const policy = ownershipPolicy(run.settings);
  if (policy === "off" || wanted.owner === undefined) {
    return isKeptOtherwise;
  }
  if (plan.standing.ownClaims.length > 0) {
    // A claim without an ID in the state was made by a run that was killed.
    return isKeptOtherwise || stored.id === undefined || isRecordedOtherwise(plan);
  }
  if (!hasRoomFor(document, wanted.owner, plan.own)) {
    return isKeptOtherwise;
  }
  if (sharersOf(plan).length > 0) {
    await report("info", describeSharing(after, plan), urn);
    return true;
  }
  if (stored.id !== undefined) {
    await report("warning", describeLostClaim(after), urn);
    return true;
  }
  return isKeptOtherwise || policy === "all";
}

/** The planned change of a resource. */
interface PlannedChange {
  readonly plan: Plan;
  readonly urn: string;
  readonly document: AwsAuthDocument;
}

/** The plan of a resource, given its own claims. Undefined if the map cannot be read, which check has reported. */
async function planFor(
  run: Run,
  olds: ResourceState,
  news: ResourceState,
  before: Mapping,
  after: Mapping,
): Promise<PlannedChange | undefined> {
  const session = await ignoreUserErrors(() => run.keptSession(news.cluster));
  const document = await ignoreUserErrors(async () => session?.document());
  const declaration = session?.declarations.of(after, news.claim.owner);
  // A refresh calls diff too, but without a declaration.
  if (session === undefined || document === undefined || declaration === undefined) {
    return undefined;
  }
  const isLabelShared = session.declarations.sharesLabel(declaration);
  const claimant = claimantInDiff(olds.claim.id, news.claim.owner, isLabelShared);
  const wish = { desired: after, previous: before, claimant };
  const intent = intentOf(session, declaration, news, wish, run.settings);
  const plan = planEntry(document, intent);
  if (isForbidden(plan)) {
    throw new AwsAuthError("claimed", describeForbidden(document, plan, intent));
  }
  return { plan, urn: declaration.urn, document };
}

/** Whether the resource's claim differs from its entry, as after an `up` that was killed. */
function isRecordedOtherwise({ own, standing }: Plan): boolean {
  return own !== undefined && !standing.ownClaims.some((claim) => covers(claim, own));
}

function sameList(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

/**
 * Whether the connection settings in the program changed. They must get into the outputs, since a refresh or a destroy gets nothing
 * else, and only an update can store them, even one that does not write to the map.
 */
function isReachedOtherwise(olds: ResourceState, news: ResourceState): boolean {
  return ["profile", "roleArn", "kubeconfig", "context", "manifest"].some(
    (field) => fieldsOf(olds.cluster)[field] !== fieldsOf(news.cluster)[field],
  );
}
