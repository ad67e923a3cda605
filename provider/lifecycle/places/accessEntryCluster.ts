import type { dynamic } from "@pulumi/pulumi";
import {
  type AccessEntryContent,
  type AccessEntryPlan,
  deathOf,
  describeAccessEntry,
  givenPrincipalArn,
  groupsInMap,
  hasOwnUser,
  type LiveAccessEntry,
  mappingOf,
  nearestEntry,
  replaceTagClaims,
  sameAccessEntry,
  samePrincipalArn,
  type Translation,
  translate,
} from "../../accessEntries";
import type { EksCluster } from "../../cluster/eks/eksConnection";
import { report } from "../../engine/diagnostics";
import { AwsAuthError } from "../../errors";
import { type Mapping, withIgnored } from "../../mapping";
import { someClaimId } from "../../ownership";
import { agreeing, type Declaration } from "../../session/declarations";
import type { KnownEntries } from "../../session/knownEntries";
import type { ClusterSession } from "../../session/session";
import { accessEntryProperty, type ResourceContext } from "../context";
import { isKeptInAccessEntry, isKeptInMap, principalProperty, type ResourceState } from "../state";
import {
  describeEntryIdentical,
  describeEntryOfProgram,
  describeModeMismatch,
  describeUnknownPath,
} from "./accessEntryMessages";

export interface AccessEntryCluster {
  readonly entries: KnownEntries;
  readonly cluster: EksCluster;
}

/**
 * The access entries of the cluster of a resource.
 *
 * @throws AwsAuthError `invalidInput` for a cluster that is not EKS's, and any of the cluster codes.
 */
export async function accessEntryClusterOf(session: ClusterSession): Promise<AccessEntryCluster> {
  const entries = await session.accessEntries();
  if (entries === undefined) {
    throw new AwsAuthError("invalidInput", noEntries);
  }
  return { entries, cluster: await entries.cluster() };
}

/** Why a kubeconfig or manifest has no access entries. */
export const noEntries =
  "access entries belong to an EKS cluster, which is named by its name, its ARN or the resource, and not by a kubeconfig or manifest; name the EKS cluster, or set authenticationMode to CONFIG_MAP";

/**
 * The ARN of a principal with the role's path: as the program gives it, else as IAM knows it, else as the only access entry of that
 * role has it. If neither tells, the ARN as it is: EKS refuses it if the role has a path. In the letter case of its access entry, if it
 * has one, since EKS finds that letter by letter.
 *
 * @param given the `arn` of the program.
 * @returns also whether it is sure: not if nobody tells whether the role has a path, so that the ARN has none.
 */
async function principalArnOf(at: AccessEntryCluster, mapping: Mapping, given: unknown) {
  if (mapping.kind === "account") {
    return { principalArn: "", isSure: true };
  }
  const arn = typeof given === "string" ? givenPrincipalArn(given, mapping.arn) : undefined;
  const found = await at.entries.find(mapping.arn);
  if (arn !== undefined) {
    const same = found.find((entry) => samePrincipalArn(entry.principalArn, arn));
    return { principalArn: same?.principalArn ?? arn, isSure: true };
  }
  const known = await at.entries.principals.find(mapping.arn);
  const sure = known?.arn ?? (found.length === 1 ? found[0]?.principalArn : undefined);
  return { principalArn: sure ?? mapping.arn, isSure: sure !== undefined };
}

/** The access entry that a mapping becomes, or why it has none. */
function translationOf(mapping: Mapping, { cluster }: AccessEntryCluster, principalArn: string): Translation {
  return translate(mapping, { clusterAccount: cluster.account, partition: cluster.partition, principalArn });
}

export function contentOf(at: AccessEntryCluster, state: ResourceState): AccessEntryContent {
  const translation = state.mapping && translationFor(state.mapping, at, state);
  if (translation?.kind !== "entry") {
    throw new AwsAuthError("invalidInput", translation?.reason ?? "the mapping has no access entry");
  }
  return translation.content;
}

/** Whether a mapping of a resource has an access entry that says the same. */
export function hasAccessEntry(at: AccessEntryCluster, mapping: Mapping, state: ResourceState): boolean {
  return translationFor(mapping, at, state).kind === "entry";
}

function translationFor(mapping: Mapping, at: AccessEntryCluster, { accessEntry }: ResourceState): Translation {
  return translationOf(mapping, at, accessEntry?.principalArn ?? (mapping.kind === "account" ? "" : mapping.arn));
}

/**
 * The live entry with the same ARN, else one of the same role in another path, which is dead or about to be.
 *
 * @param content what it should say.
 */
export async function liveEntry(
  { entries, cluster }: AccessEntryCluster,
  { principalArn }: Pick<AccessEntryContent, "principalArn">,
): Promise<LiveAccessEntry | undefined> {
  // A cluster that was made again under its name may have none, and EKS refuses to list them.
  if (cluster.authenticationMode === "CONFIG_MAP") {
    return undefined;
  }
  return nearestEntry(await entries.find(principalArn), principalArn);
}

/**
 * Access entries without those that let nobody in any more, as far as IAM tells.
 *
 * @param isAsked whether IAM is to be asked for the role or user of one.
 */
export async function withoutDead<T extends AccessEntryContent>(
  { entries: { principals } }: AccessEntryCluster,
  contents: readonly (T | LiveAccessEntry)[],
  isAsked: (content: AccessEntryContent) => boolean,
): Promise<readonly (T | LiveAccessEntry)[]> {
  const isDead = async (content: T | LiveAccessEntry) =>
    isLive(content) && deathOf(content, await principals.lookUp(content.principalArn)) !== undefined;
  const areDead = await Promise.all(contents.map((content) => isAsked(content) && isDead(content)));
  return contents.filter((_, index) => !areDead[index]);
}

function isLive(content: AccessEntryContent): content is LiveAccessEntry {
  return "createdAt" in content;
}

/** A resource with its access entry, or why it has none. */
type Located = { readonly state: ResourceState } | { readonly failures: readonly dynamic.CheckFailure[] };

/**
 * Finds which access entry a mapping becomes: its ARN needs the role's path.
 *
 * @param given the `arn` of the program, which may have the path.
 * @param before the resource before this run.
 * @throws AwsAuthError any of the cluster codes.
 */
export async function locateEntry(
  session: ClusterSession,
  inputs: ResourceState,
  mapping: Mapping,
  given: unknown,
  before: ResourceState | undefined,
  { urn, isPreview, isRead }: ResourceContext,
): Promise<Located> {
  const at = await accessEntryClusterOf(session);
  if (mapping.kind !== "account") {
    await at.entries.begin(mapping.arn, isPreview, isRead);
  }
  const { principalArn, isSure } = await principalArnOf(at, mapping, given);
  const translation = translationOf(mapping, at, principalArn);
  if (translation.kind === "refused") {
    return {
      failures: translation.refusals.map(({ property, reason, remedy }) => ({
        property,
        reason: `${reason}; ${remedy}; to keep the mapping in aws-auth, set its authenticationMode to CONFIG_MAP`,
      })),
    };
  }
  if (!isKeptInAccessEntry(before)) {
    for (const note of [...translation.notes, ...pathNotes(inputs, principalArn)]) {
      await report("info", `${principalProperty(inputs)} ${JSON.stringify(principalArn)}: ${note}`, urn);
    }
    if (!isSure) {
      await report("warning", describeUnknownPath(principalArn, at.cluster), urn);
    }
  }
  const accessEntry = { principalArn };
  const properties = { ...inputs.properties, [accessEntryProperty]: accessEntry };
  return { state: { ...inputs, accessEntry, properties } };
}

/** What becomes of a role's path where a mapping is kept in both. */
function pathNotes(state: ResourceState, principalArn: string): string[] {
  const { mapping } = state;
  const isStripped = mapping !== undefined && mapping.kind !== "account" && mapping.arn !== principalArn;
  return isKeptInMap(state) && isStripped
    ? [`the access entry has the role's path, and aws-auth has ${JSON.stringify(mapping.arn)}, which is the same role`]
    : [];
}

/**
 * Checks that the cluster's own authentication mode allows that of a resource.
 *
 * @param isGiven whether the resource gives its mode, and not the stack.
 * @returns undefined if it does.
 */
export async function checkClusterMode(
  session: ClusterSession,
  state: ResourceState,
  isGiven: boolean,
): Promise<dynamic.CheckFailure | undefined> {
  if (!isKeptInAccessEntry(state)) {
    return undefined;
  }
  const { cluster, entries } = await accessEntryClusterOf(session);
  const reason = describeModeMismatch(state.mode, cluster, entries.api.label);
  return reason === undefined ? undefined : { property: isGiven ? "authenticationMode" : "", reason };
}

/** The other resources of the program that want the same access entry. */
export function sharing(others: readonly Declaration[], mapping: Mapping): readonly Declaration[] {
  return agreeing(others, mapping).filter(isKeptInAccessEntry);
}

/** The mapping that an access entry stands for; undefined if no mapping says the same. */
export function mappingIn({ cluster }: AccessEntryCluster, live: LiveAccessEntry): Mapping | undefined {
  return mappingOf(live, { clusterAccount: cluster.account, partition: cluster.partition });
}

export function saysMapping(at: AccessEntryCluster, live: LiveAccessEntry, mapping: Mapping): boolean {
  const translation = translationOf(mapping, at, live.principalArn);
  return translation.kind === "entry" && sameAccessEntry(translation.content, live);
}

export function ownEntry(at: AccessEntryCluster, live: LiveAccessEntry) {
  return {
    says: (mapping: Mapping) => saysMapping(at, live, mapping),
    withIgnored: (mapping: Mapping, ignored: readonly string[], previous: Mapping) => {
      const isNamed = mapping.kind !== "account" && mapping.username;
      const own = { username: isNamed ? live.username : "", groups: groupsInMap(live) };
      return withIgnored(mapping, own, hasOwnUser(live) ? ignored : [], previous);
    },
    describe: () => `its access entry says ${describeAccessEntry(live)}`,
  };
}

export function notesOn(at: AccessEntryCluster, plan: AccessEntryPlan, content: AccessEntryContent, isNew: boolean) {
  const isOfProgram = isNew && plan.kind === "update" && plan.standing.siblings.length > 0;
  const isThere = isNew && plan.kind === "inSync" && plan.standing.own.length + plan.standing.earlier.length === 0;
  return [
    ...unknownPrincipals(at),
    ...(isThere ? [{ severity: "info", text: describeEntryIdentical(plan, content), isOfStack: true } as const] : []),
    ...(isOfProgram ? [{ severity: "warning", text: describeEntryOfProgram(plan, content) } as const] : []),
  ];
}

/** Tells once in a run if IAM does not say which access entries are dead. */
export function unknownPrincipals({ entries }: AccessEntryCluster) {
  const { refusal } = entries.principals;
  const text = `an access entry whose role or user was deleted and made again lets nobody in, which this run may not see: ${refusal?.message}`;
  return refusal === undefined ? [] : [{ severity: "info", text, isOfStack: true } as const];
}

export function hasRoomIn({ tags }: LiveAccessEntry, label = ""): boolean {
  return replaceTagClaims(tags, [], { id: someClaimId, label, isFound: false }).isClaimed;
}
