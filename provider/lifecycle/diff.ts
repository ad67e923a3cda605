import type { dynamic } from "@pulumi/pulumi";
import { ownershipPolicy, type Settings } from "../cluster";
import { report } from "../engine/diagnostics";
import { hasUnknown, isUnknown } from "../engine/unknownValue";
import { ignoreUserErrors } from "../errors";
import { type Mapping, sameContent } from "../mapping";
import { fieldsOf } from "../text/fields";
import { describeUnsure } from "./crossing";
import { describeSubject, namesOf } from "./places/messages";
import { claimantInWrite, wantOf } from "./places/place";
import { Places } from "./places/places";
import type { Run } from "./run";
import {
  connectionFields,
  type Flags,
  flagsOf,
  isMoved,
  isOnSameCluster,
  keyOfInputs,
  type ResourceState,
  withKnownCluster,
} from "./state";

/**
 * Decides whether a resource needs an update or a replacement. `check` has just compared the live map with the inputs. This
 * compares the claims on the entry, since only the outputs contain the ID of the resource's claim. `adopt` and `noDuplicateARNs`
 * are not part of the entry, so changing them changes nothing.
 *
 * @param stored the stored outputs.
 * @param checked the checked inputs.
 * @throws AwsAuthError `claimed` if others have taken over the entry, or claim it with its current content; `clusterChanged` if it is not
 *   known which cluster it is on.
 */
export async function diff(run: Run, stored: ResourceState, checked: ResourceState): Promise<dynamic.DiffResult> {
  // In a refresh, both are of the state.
  const olds = await withKnownCluster(stored, run.settings);
  const news = await withKnownCluster(checked, run.settings);
  const replaces = replacedBy(olds, news, run.settings);
  if (replaces.length > 0) {
    return { changes: true, replaces };
  }
  const [before, after] = [olds.mapping, news.mapping];
  if (before === undefined || after === undefined || isUnknown(news.properties["authenticationMode"])) {
    return { changes: true, replaces };
  }
  const isClaimChanged = await compareClaims(run, olds, news, after);
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
    isMoved(olds, news) ||
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
async function compareClaims(run: Run, olds: ResourceState, news: ResourceState, after: Mapping): Promise<boolean> {
  const [stored, wanted] = [olds.claim, news.claim];
  const policy = ownershipPolicy(run.settings);
  // A state of 0.1.0 has neither, which is no change.
  const isKeptOtherwise = (stored.id !== undefined || policy === "off") && !sameList(stored.ignored, wanted.ignored);
  const session = hasUnknown(news.cluster) ? undefined : await ignoreUserErrors(() => run.keptSession(news.cluster));
  const declaration = session?.declarations.of(after, wanted.owner);
  // A refresh calls diff too, but without a declaration.
  if (session === undefined || declaration === undefined) {
    return isKeptOtherwise;
  }
  const { urn } = declaration;
  const places = new Places(session, run.settings);
  const isWithLeft = await isLeft(places, olds, news, urn, flagsOf(news, run.settings));
  let isChanged = isKeptOtherwise || isWithLeft;
  const claimant = claimantInWrite(olds.claim.id, news);
  const want = wantOf(places, declaration, news, { desired: after, before: olds, claimant });
  // Moves always write. If a place cannot be read, check has reported that.
  for (const place of places.all.filter((other) => [olds, news].every((state) => other.keeps(state)))) {
    const plan = await ignoreUserErrors(() => place.plan(want));
    if (plan?.refusal !== undefined) {
      throw plan.refusal;
    }
    if (plan === undefined || !plan.hasRoom || policy === "off" || wanted.owner === undefined) {
      continue;
    }
    const { own, earlier } = plan.standing;
    if (own.length > 0) {
      isChanged ||= plan.isClaimOutdated;
    } else if (plan.sharers.length > 0) {
      const text = `${describeSubject(after)} is shared with ${namesOf(plan.sharers)}: the entry is removed with the last resource that wants it`;
      await report("info", text, urn);
      isChanged = true;
    } else if (stored.id !== undefined) {
      const text = `${describeSubject(after)} is no longer claimed by this resource: ${plan.lossOfClaim} outside of Pulumi; "pulumi up" puts it back`;
      await report("warning", text, urn);
      isChanged = true;
    } else {
      // An interrupted run has claimed it.
      isChanged ||= earlier.length > 0 || policy === "all";
    }
  }
  return isChanged;
}

/**
 * Whether to remove what an interrupted run has left in a place where the mapping is not kept, which is told. Where the state has no ID
 * that says whose it is, as after an import, only if the resource is asked to adopt.
 */
async function isLeft(
  { all, entry }: Places,
  olds: ResourceState,
  news: ResourceState,
  urn: string,
  { adopt }: Flags,
): Promise<boolean> {
  if (isMoved(olds, news)) {
    return false;
  }
  const { id } = olds.claim;
  for (const place of all.filter((other) => !other.keeps(news))) {
    const left = await ignoreUserErrors(() => place.findLeft(news, claimantInWrite(id, news)));
    if (left !== undefined && id === undefined && !adopt) {
      await report("warning", describeUnsure(news, left), urn);
    } else if (left !== undefined) {
      await report("warning", left.description, urn);
      return true;
    } else if (place === entry) {
      // One under the name of this resource is that of another one: check did not know.
      for (const { severity, text } of (await ignoreUserErrors(() => entry.findOverriding(news))) ?? []) {
        await report(severity, text, urn);
      }
    }
  }
  return false;
}

function sameList(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

/**
 * Whether the connection settings in the program changed. They must get into the outputs, since a refresh or a destroy gets nothing
 * else, and only an update can store them, even one that does not write to the map.
 */
function isReachedOtherwise(olds: ResourceState, news: ResourceState): boolean {
  return connectionFields.some((field) => fieldsOf(olds.cluster)[field] !== fieldsOf(news.cluster)[field]);
}
