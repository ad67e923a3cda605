import type { dynamic } from "@pulumi/pulumi";
import { isInEntry, isInMap, replaceTagClaims } from "../accessEntries";
import { ownershipPolicy, type Settings } from "../cluster";
import { covers } from "../document";
import { report } from "../engine/diagnostics";
import { secretsOf } from "../engine/secretValues";
import { hasUnknown, isUnknown } from "../engine/unknownValue";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import { type Claim, type Standing, someClaimId } from "../ownership";
import type { Declaration } from "../session/declarations";
import type { ClusterSession } from "../session/session";
import { fieldsOf } from "../text/fields";
import { entryClusterOf, isAgreed, planEntryOf } from "./accessEntry";
import { describeForbidden, describeLostClaim, describeSharing } from "./describe";
import { describeOrphan, findOrphan, isLeftInMap } from "./orphan";
import { claimantInWrite, claimantOfState, hasRoomFor } from "./ownership";
import { intentOf, isForbidden, planEntry } from "./plan";
import type { Run } from "./run";
import { flagsOf, isOnSameCluster, keyOfInputs, type ResourceState } from "./state";
import { assertAllowed } from "./writeAccessEntry";

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
  if (before === undefined || after === undefined || isUnknown(news.properties["authenticationMode"])) {
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
 * Whether to write the resource's claim or its stored data, or to remove what an interrupted run has left. Reports the reason if
 * somebody else caused it.
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
  const policy = ownershipPolicy(run.settings);
  // A state of 0.1.0 has neither, which is no change.
  const isKeptOtherwise =
    (stored.id !== undefined || policy === "off") &&
    (!sameList(stored.ignored, wanted.ignored) || !sameList(secretsOf(olds.properties), secretsOf(news.properties)));
  const session = hasUnknown(news.cluster) ? undefined : await ignoreUserErrors(() => run.keptSession(news.cluster));
  const declaration = session?.declarations.of(after, wanted.owner);
  // A refresh calls diff too, but without a declaration.
  if (session === undefined || declaration === undefined) {
    return isKeptOtherwise;
  }
  const { urn } = declaration;
  let isChanged = isKeptOtherwise || (await isLeft(session, olds, news, urn, run.settings));
  for (const claims of await claimsInPlaces(run, session, olds, news, before, after, declaration)) {
    const { own, earlier } = claims.standing;
    if (policy === "off" || wanted.owner === undefined) {
      continue;
    }
    if (own.length > 0) {
      isChanged ||= claims.isOutdated;
    } else if (claims.sharers.length > 0) {
      await report("info", describeSharing(after, claims.sharers), urn);
      isChanged = true;
    } else if (stored.id !== undefined) {
      await report("warning", describeLostClaim(after, claims.loss), urn);
      isChanged = true;
    } else {
      // An interrupted run has claimed it.
      isChanged ||= earlier.length > 0 || policy === "all";
    }
  }
  return isChanged;
}

/** Whether an interrupted run has left a mapping in a place where it is not kept. */
async function isLeft(
  session: ClusterSession,
  olds: ResourceState,
  news: ResourceState,
  urn: string,
  settings: Settings,
): Promise<boolean> {
  if (olds.mode !== news.mode || olds.claim.id === undefined) {
    return false;
  }
  if (!isInMap(news.mode)) {
    return (await ignoreUserErrors(() => isLeftInMap(session, olds))) === true;
  }
  const claimant = claimantOfState(olds);
  const orphan = isInEntry(news.mode)
    ? undefined
    : await ignoreUserErrors(() => findOrphan(session, news, claimant, settings));
  if (orphan !== undefined) {
    await report("warning", describeOrphan(news, orphan), urn);
  }
  return orphan !== undefined;
}

/** The claims on the entry of a resource in one place. */
interface PlacedClaims {
  readonly standing: Standing;
  readonly sharers: readonly Claim[];
  /** Whether the resource's own claim is for another entry, as after an `up` that was killed. */
  readonly isOutdated: boolean;
  /** Says that its own claim is gone. */
  readonly loss: string;
}

/**
 * The claims in every place where a resource is and stays kept, but for one that has no room for another claim. None if a place cannot be
 * read, which check has reported. Moves always write.
 *
 * @throws AwsAuthError `claimed`.
 */
async function claimsInPlaces(
  run: Run,
  session: ClusterSession,
  olds: ResourceState,
  news: ResourceState,
  before: Mapping,
  after: Mapping,
  declaration: Declaration,
): Promise<readonly PlacedClaims[]> {
  const { settings } = run;
  const claimant = claimantInWrite(olds.claim.id, news);
  const { owner = "" } = news.claim;
  const places: PlacedClaims[] = [];
  const document = [olds, news].every(({ mode }) => isInMap(mode))
    ? await ignoreUserErrors(() => session.document())
    : undefined;
  if (document !== undefined) {
    const wish = { desired: after, previous: before, claimant };
    const intent = intentOf(session, declaration, news, wish, settings);
    const plan = planEntry(document, intent);
    if (isForbidden(plan)) {
      throw new AwsAuthError("claimed", describeForbidden(document, plan, intent));
    }
    const { own, standing, sharers } = plan;
    if (standing.own.length > 0 || hasRoomFor(document, owner, own)) {
      const isOutdated = own !== undefined && !standing.own.some((claim) => covers(claim, own));
      places.push({ standing, sharers, isOutdated, loss: lostLine });
    }
  }
  if ([olds, news].every(({ mode }) => isInEntry(mode))) {
    const planned = await ignoreUserErrors(async () => {
      const at = await entryClusterOf(session);
      const isAgreedOn = isAgreed(session, news, declaration.urn);
      const wish = { previous: olds, claimant, isAgreed: isAgreedOn, ignored: declaration.ignored };
      return planEntryOf(at, news, wish, flagsOf(news, settings).adopt);
    });
    if (planned !== undefined && "standing" in planned.plan) {
      const { plan, content } = planned;
      assertAllowed(plan, content);
      const { standing, live } = plan;
      if (
        standing.own.length > 0 ||
        replaceTagClaims(live.tags, [], { id: someClaimId, label: owner, isFound: false }).isClaimed
      ) {
        places.push({ standing, sharers: standing.others, isOutdated: false, loss: lostTag });
      }
    }
  }
  return places;
}

const lostLine = "its line was removed from the annotation pulumi-aws-auth/claims";
const lostTag = "its tag was removed from the access entry";

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
