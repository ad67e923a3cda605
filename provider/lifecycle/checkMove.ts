import type { dynamic } from "@pulumi/pulumi";
import {
  type AccessEntryContent,
  describeAccessEntry,
  groupsInMap,
  type LiveAccessEntry,
  planAccessEntryRemoval,
} from "../accessEntries";
import { entryInForce } from "../document";
import { report } from "../engine/diagnostics";
import { type ArnMapping, type Mapping, principalOf, sameContent } from "../mapping";
import type { ClusterSession } from "../session/session";
import { contentOf, type EntryCluster, entryClusterOf, ignoredOf, liveEntry } from "./accessEntry";
import type { LiveCheck } from "./checkLive";
import { checkIgnored } from "./checkOverridden";
import type { ResourceContext } from "./context";
import { describeEntryChanged, describeEntryHeld } from "./describeAccessEntry";
import { documentIfReadable, findEntryLockouts } from "./guardAccessEntry";
import { describeRefusal, isLockoutRefused } from "./lockout";
import { describeUnsureOrphan, findOrphan, warnOfOverriding } from "./orphan";
import { entriesFor, hasContentOf } from "./ownEntry";
import { claimantInCheck } from "./ownership";
import type { Run } from "./run";
import { flagsOf, principalProperty, type ResourceState } from "./state";

/** Whether aws-auth gives a principal something else than a mapping says. */
export async function isOtherInMap(session: ClusterSession, mapping: Mapping): Promise<boolean> {
  const entry = entryInForce(entriesFor(await documentIfReadable(session), principalOf(mapping)));
  return entry !== undefined && !hasContentOf(entry, mapping);
}

/**
 * Checks a resource that is kept in aws-auth alone, where an interrupted run may have left an access entry. Of one in the state, `diff`
 * finds out by ID whether it is its own.
 *
 * @param isOurs whether the resource is in the state.
 */
export async function checkLeft(
  { settings }: Run,
  session: ClusterSession,
  inputs: ResourceState,
  isOurs: boolean,
  { urn }: ResourceContext,
): Promise<LiveCheck> {
  const left = await findOrphan(session, inputs, claimantInCheck(inputs, isOurs), settings);
  if (left === undefined && !isOurs) {
    await warnOfOverriding(session, inputs, urn, settings);
  }
  return left === undefined || isOurs || flagsOf(inputs, settings).adopt
    ? { isChange: left !== undefined, failures: [] }
    : { failures: [{ property: principalProperty(inputs), reason: describeUnsureOrphan(inputs, left) }] };
}

/** Checks a resource whose access entry goes, since its entry in aws-auth is to count again. */
export async function checkReturn(
  run: Run,
  session: ClusterSession,
  olds: ResourceState,
  inputs: ResourceState,
  context: ResourceContext,
): Promise<dynamic.CheckFailure[]> {
  const { mapping } = inputs;
  if (mapping === undefined || mapping.kind === "account") {
    return [];
  }
  const at = await entryClusterOf(session);
  const content = contentOf(at, olds);
  const live = await liveEntry(at, content);
  const ignored = live === undefined ? [] : checkIgnored(mapping, ignoring(mapping, live, context), describeLive(live));
  const removal = planAccessEntryRemoval(live, {
    previous: content,
    ignored: ignoredOf(olds.claim.ignored ?? []),
    claimant: claimantInCheck(olds, true),
    isMade: true,
    declared: [],
  });
  if (ignored.length === 0 && removal.kind === "changed") {
    const reason = describeEntryChanged(removal.live, content, at.cluster);
    return [{ property: "authenticationMode", reason }];
  }
  if (ignored.length > 0 || sameContent(mapping, olds.mapping ?? mapping)) {
    return ignored;
  }
  // What others want stays, and takes precedence over aws-auth.
  if (removal.kind === "keep" && removal.wantedBy.length > 0 && !flagsOf(inputs, run.settings).adopt) {
    const reason = describeEntryHeld({ live: removal.live, heldBy: removal.wantedBy }, content, mapping);
    return [{ property: principalProperty(inputs), reason }];
  }
  const { principalArn } = content;
  const { username, groups } = mapping;
  return guardEntry(run, session, at, { principalArn, type: "STANDARD", username, groups, policies: [] }, context);
}

/** Reports lock-outs: as warnings, or as failures if the stack forbids them. */
export async function guardEntry(
  { settings }: Run,
  session: ClusterSession,
  at: EntryCluster,
  wanted: AccessEntryContent,
  { urn }: ResourceContext,
): Promise<dynamic.CheckFailure[]> {
  const reasons = await findEntryLockouts(session, at, wanted.principalArn, wanted, settings);
  if (reasons.length > 0 && isLockoutRefused(settings)) {
    return [{ property: "groups", reason: describeRefusal(reasons, "") }];
  }
  for (const reason of reasons) {
    await report("warning", reason, urn);
  }
  return [];
}

/** A mapping with what its access entry says of the properties that the program ignores. */
function ignoring(mapping: ArnMapping, live: LiveAccessEntry, { ignoreChanges }: ResourceContext): ArnMapping {
  const ignored = live.type === "STANDARD" ? ignoredOf(ignoreChanges) : [];
  return {
    ...mapping,
    ...(ignored.includes("username") && mapping.username && { username: live.username }),
    ...(ignored.includes("groups") && { groups: groupsInMap(live) }),
  };
}

function describeLive(live: LiveAccessEntry): string {
  return `its access entry says ${describeAccessEntry(live)}`;
}
