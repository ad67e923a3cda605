import type { dynamic } from "@pulumi/pulumi";
import { ownershipPolicy } from "../cluster";
import { report } from "../diagnostics";
import { type AwsAuthDocument, covers } from "../document";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import { secretsOf } from "../secretValues";
import { describeForbidden, describeLostClaim, describeSharing } from "./describe";
import { intentOf } from "./intent";
import { hasRoomFor } from "./ownership";
import { isForbidden, type Plan, planEntry, sharersOf } from "./plan";
import { run, withoutStack } from "./run";
import {
  declaredClaimant,
  hasUnknown,
  isSameCluster,
  keyOfInputs,
  mappingOf,
  type Properties,
  principalOfState,
  storedClaim,
} from "./state";

/**
 * Decides what a resource needs. `check` has just compared the live map with the inputs; what is compared here are the claims on the
 * entry, since the ID of the resource's own is in its outputs alone. `adopt` and `noDuplicateARNs` are no part of the entry, and no
 * change.
 *
 * @param olds the stored outputs.
 * @param news the checked inputs.
 * @throws AwsAuthError `claimed` where others have taken the entry over, or hold it to what it says.
 */
export async function diff(_id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult> {
  const replaces = replacedBy(olds, news);
  if (replaces.length > 0) {
    return { changes: true, replaces };
  }
  const [before, after] = [mappingOf(olds), mappingOf(news)];
  if (before === undefined || after === undefined) {
    return { changes: true, replaces };
  }
  try {
    const isClaimChanged = await compareClaims(olds, news, before, after);
    return { changes: isClaimChanged || isChanged(olds, news, before, after), replaces };
  } catch (error) {
    throw withoutStack(error);
  }
}

/** Another identity or another cluster is another entry; an ARN in another spelling is not. */
function replacedBy(olds: Properties, news: Properties): string[] {
  const replaces = isSameCluster(olds, news) ? [] : ["cluster"];
  const principal = principalOfState(news);
  if (principal === undefined || principal !== principalOfState(olds)) {
    replaces.push(...["arn", "account"].filter((name) => olds[name] !== undefined || news[name] !== undefined));
  }
  return replaces;
}

function isChanged(olds: Properties, news: Properties, before: Mapping, after: Mapping): boolean {
  const isRespelt = olds["arn"] !== news["arn"];
  return (
    !sameContent(before, after) || isRespelt || isReachedOtherwise(olds, news) || run.outOfSync.has(keyOfInputs(news))
  );
}

/**
 * Whether the resource's claim has to be written, or what is kept of it; tells why, where that is somebody else's doing.
 *
 * @throws AwsAuthError `claimed`.
 */
async function compareClaims(olds: Properties, news: Properties, before: Mapping, after: Mapping): Promise<boolean> {
  const stored = storedClaim(olds);
  const isKeptOtherwise =
    stored.id !== undefined &&
    (!sameList(stored.ignored, storedClaim(news).ignored) || !sameList(secretsOf(olds), secretsOf(news)));
  const found = hasUnknown(news["cluster"]) ? undefined : await planFor(olds, news, before, after);
  if (found === undefined) {
    return isKeptOtherwise;
  }
  const { plan, urn, document } = found;
  const policy = ownershipPolicy(run.settings);
  if (policy === "off" || storedClaim(news).owner === undefined) {
    return isKeptOtherwise;
  }
  if (plan.standing.own.length > 0) {
    // Without an ID in the state, the claim was made by a run that was killed.
    return isKeptOtherwise || stored.id === undefined || isRecordedOtherwise(plan);
  }
  if (!hasRoomFor(document, storedClaim(news).owner ?? "", plan.own)) {
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

/** What a resource is going to do to a map. */
interface Found {
  readonly plan: Plan;
  readonly urn: string;
  readonly document: AwsAuthDocument;
}

/** What the resource is going to do, given its own claims. Undefined where the map cannot be read, which its check has told. */
async function planFor(
  olds: Properties,
  news: Properties,
  before: Mapping,
  after: Mapping,
): Promise<Found | undefined> {
  const session = await ignoreUserErrors(() => run.sessionOf(news["cluster"]));
  const document = await ignoreUserErrors(async () => session?.document());
  const declaration = session?.declarations.of(after, storedClaim(news).owner);
  // A refresh asks for the difference as well, and wants nothing.
  if (session === undefined || document === undefined || declaration === undefined) {
    return undefined;
  }
  const claimant = declaredClaimant(olds, storedClaim(news).owner, session.declarations.sharesLabel(declaration));
  const intent = intentOf(session, declaration, after, before, news, claimant);
  const plan = planEntry(document, intent);
  if (isForbidden(plan)) {
    throw new AwsAuthError("claimed", describeForbidden(document, plan, intent));
  }
  return { plan, urn: declaration.urn, document };
}

/** Whether the resource's claim is not for what its entry says, as after an `up` that was killed. */
function isRecordedOtherwise({ own, standing }: Plan): boolean {
  return own !== undefined && !standing.own.some((claim) => covers(claim, own));
}

function sameList(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

/**
 * What a program says on how to reach the cluster has to get into the outputs, which are all that a refresh or a destroy is given;
 * an update that writes nothing to the map is the only way there.
 */
function isReachedOtherwise(olds: Properties, news: Properties): boolean {
  return ["profile", "roleArn", "kubeconfig", "context", "manifest"].some(
    (field) => fieldOf(olds["cluster"], field) !== fieldOf(news["cluster"], field),
  );
}

function fieldOf(cluster: unknown, field: string): unknown {
  return typeof cluster === "object" && cluster !== null ? new Map(Object.entries(cluster)).get(field) : undefined;
}
