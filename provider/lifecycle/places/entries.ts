import {
  accessEntryPlace,
  hasOwnUser,
  isAdministratorPolicy,
  type LiveAccessEntry,
  policyName,
} from "../../accessEntries/accessEntry";
import { contentIn, translate } from "../../accessEntries/translate";
import { waitFor } from "../../async";
import { claimsInTags } from "../../claims";
import { AwsAuthError, asAwsAuthError, describeProblem, hasCode } from "../../errors";
import { impliedGroups, userTemplateOf } from "../../identity/login";
import { type Content, isForAdministratorsOrNodes } from "../../mapping";
import { policySummary } from "../../rights/accessPolicies";
import type { KnownEntries } from "../../session/knownEntries";
import type { ClusterSession } from "../../session/session";
import { entriesNeedEks } from "../messages";
import {
  type Accepted,
  type AcceptedRelease,
  isWritten,
  type Me,
  type Refusal,
  type Seen,
  type SeenEntry,
} from "../types";
import type { Guard, LocatedMapping, Place } from "./place";
import { deleteEntry, hasClaim, unclaimEntry, writeEntry } from "./writeEntry";

const maxEntryAttempts = 3;

/**
 * The access entries of an EKS cluster. A principal usually has one, its claim is a tag, and writes take effect after some seconds. EKS has
 * no conditional writes, so each decision is based on a read just before, and a write returns once EKS shows it.
 */
export function entriesPlace(session: ClusterSession): Place {
  return {
    observe: async (mapping, isFresh) => {
      const entries = await requiredEntries(session);
      const { arn, principalArn } = mapping;
      // Only mappings in access entries need IAM for each of these.
      const prefetch = principalArn === undefined ? "entries" : "principals";
      const found = await (isFresh ? entries.reread(arn, principalArn) : entries.find(arn, prefetch));
      return (await observeEntries(entries, mapping, found)).seen;
    },
    write: async (mapping, me, decide, guard) => {
      const entries = await requiredEntries(session);
      const look = async () => observeEntries(entries, mapping, await entries.reread(mapping.arn));
      return inTurn(entries, look, decide, (here, decision) => writeWanted(here, me, decision, guard));
    },
    release: async (mapping, decide, guard) => {
      const entries = await requiredEntries(session);
      const look = () => observeSurely(entries, mapping);
      return inTurn(entries, look, decide, (here, decision) => release(here, decision, guard));
    },
  };
}

async function requiredEntries(session: ClusterSession): Promise<KnownEntries> {
  const entries = await session.accessEntries();
  if (entries === undefined) {
    const hidden = await session.hiddenEntries();
    throw hidden === undefined
      ? new AwsAuthError("invalidInput", entriesNeedEks)
      : new AwsAuthError("accessDenied", hidden);
  }
  return entries;
}

interface ObservedEntries {
  readonly entries: KnownEntries;
  readonly mapping: LocatedMapping;
  readonly seen: Seen;
  /** By {@link SeenEntry.position}. */
  readonly live: ReadonlyMap<string, LiveAccessEntry>;
}

/** The entries of a principal that let it in, with that of the mapping's own ARN last; without any, the dead ones of this ARN or with a claim. */
async function observeEntries(
  entries: KnownEntries,
  mapping: LocatedMapping,
  found: readonly LiveAccessEntry[],
): Promise<ObservedEntries> {
  const isOwn = ({ principalArn }: LiveAccessEntry) => principalArn === mapping.principalArn;
  const all = await entries.withDeaths(found);
  const living = all.filter(({ death }) => death === undefined);
  const isOfMapping = (live: LiveAccessEntry) =>
    mapping.principalArn === undefined || isOwn(live) || claimsInTags(live.tags, mapping.principal).length > 0;
  const dead = all.filter(isOfMapping);
  const counting = living.length > 0 ? living : dead;
  const ordered = [...counting.filter((live) => !isOwn(live)), ...counting.filter(isOwn)];
  const seen: SeenEntry[] = [];
  const last = ordered.at(-1);
  let foreign: string | undefined;
  for (const live of ordered) {
    const content = contentIn(live, mapping.username);
    seen.push({
      content: content ?? loginContent(live),
      position: accessEntryPlace(live),
      policies: undeclaredPolicies(live),
      // An entry of an earlier path is created again with the path of the mapping.
      death: live.death && !isOwn(live) && mapping.principalArn ? { ...live.death, kind: "recreated" } : live.death,
      isInForce: live.death === undefined,
    });
    foreign ??= await foreignReason(entries, live, mapping, content);
  }
  return {
    entries,
    mapping,
    seen: {
      entries: seen,
      claims: ordered.flatMap(({ tags }) => claimsInTags(tags, mapping.principal)),
      lastWrite: last && { at: last.modifiedAt },
      ...(foreign !== undefined && { foreign }),
    },
    live: new Map(ordered.map((live) => [accessEntryPlace(live), live])),
  };
}

/** The rights of a login through an entry that no mapping can declare. */
function loginContent(live: LiveAccessEntry): Content {
  const { username, groups } = userTemplateOf(live);
  return { username, groups: [...groups, ...impliedGroups(live)] };
}

function undeclaredPolicies({ policies }: LiveAccessEntry): readonly string[] {
  return policies
    .filter((policy) => !isAdministratorPolicy(policy))
    .map(({ policyArn, scope }) => {
      const name = policyName(policyArn);
      const where = scope.type === "cluster" ? "everywhere" : `in ${[...scope.namespaces].sort().join(", ")}`;
      return `${name} (${policySummary(name) ?? "rules unknown"}, ${where})`;
    });
}

/**
 * The same for a release. The list may lag behind a new entry, and a tag behind its claim, so this reads the entry by
 * its ARN and waits a limited time for a claim.
 */
async function observeSurely(entries: KnownEntries, mapping: LocatedMapping): Promise<ObservedEntries> {
  const { arn, principalArn } = mapping;
  const look = async () => observeEntries(entries, mapping, await entries.reread(arn, principalArn));
  const surely = async () => {
    const here = await look();
    return here.live.size > 0 && here.seen.claims.length === 0 ? undefined : here;
  };
  return (await waitFor(surely, entries.api.limits.claimed)) ?? look();
}

/** Why an access entry can never belong to a mapping; undefined if it can. */
async function foreignReason(
  entries: KnownEntries,
  live: LiveAccessEntry,
  mapping: LocatedMapping,
  content: Content | undefined,
): Promise<string | undefined> {
  if (content === undefined) {
    return `mappings do not support its type ${live.type}`;
  }
  const translation = await translated(entries, mapping, content, live.principalArn);
  if (translation.kind === "refused") {
    return translation.refusals[0].text;
  }
  // Only unclaimed node entries may belong to EKS. Finding out takes several calls, and does not matter to a mapping in aws-auth.
  const isClaimed = claimsInTags(live.tags, mapping.principal).length > 0;
  if (hasOwnUser(live) || isClaimed || mapping.principalArn === undefined) {
    return undefined;
  }
  try {
    const isOfEks = await entries.isMadeByEks(live.principalArn);
    return isOfEks ? "EKS created it for a managed node group" : undefined;
  } catch (error) {
    const { message } = asAwsAuthError(error);
    return `EKS may have created it for a managed node group; checking this failed: ${message}`;
  }
}

/**
 * Observes, decides and acts, and repeats if others changed the entry meanwhile. Changes to administrators and nodes
 * run one at a time, so that each is judged on the result of the previous one, and a mistake affects only one.
 */
async function inTurn<D extends Accepted | AcceptedRelease>(
  entries: KnownEntries,
  look: () => Promise<ObservedEntries>,
  decide: (seen: Seen) => D | Refusal,
  act: (here: ObservedEntries, decision: D) => Promise<void>,
): Promise<D | Refusal> {
  const attempt = async (hasTurn: boolean): Promise<D | Refusal> => {
    const here = await look();
    const decision = decide(here.seen);
    if (!isWritten(decision)) {
      return decision;
    }
    if (!hasTurn && needsTurn(here, decision)) {
      return entries.turns.run(() => attempt(true));
    }
    await act(here, decision);
    return decision;
  };
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(false);
    } catch (error) {
      if (!hasCode(error, "conflict") || tries === maxEntryAttempts) {
        throw error;
      }
    }
  }
}

function needsTurn({ seen }: ObservedEntries, decision: Accepted | AcceptedRelease): boolean {
  const contents = [
    ...seen.entries.map(({ content }) => content),
    ...("content" in decision ? [decision.content] : []),
  ];
  return contents.some(isForAdministratorsOrNodes);
}

async function writeWanted(here: ObservedEntries, me: Me, decision: Accepted, guard: Guard | undefined): Promise<void> {
  const { entries, mapping } = here;
  const [own] = liveOf(here, decision.entry === undefined ? [] : [decision.entry]);
  const isRecreated = decision.restores === "entry";
  const declared = mapping.principalArn ?? mapping.arn;
  const principalArn = isRecreated ? declared : (own?.principalArn ?? declared);
  const translation = await translated(entries, mapping, decision.content, principalArn);
  if (translation.kind === "refused") {
    throw new AwsAuthError("invalidInput", describeProblem(translation.refusals[0]));
  }
  const wanted = translation.content;
  if (own !== undefined && own.type !== wanted.type && !isRecreated) {
    throw new AwsAuthError(
      "rejected",
      `${accessEntryPlace(own)} has type ${own.type}, which EKS cannot change to ${wanted.type}; remove the mapping, run "pulumi up", then add it again`,
    );
  }
  if (decision.kind !== "claim") {
    await guard?.entry(wanted);
  }
  for (const removed of [...liveOf(here, decision.removes), ...(isRecreated && own !== undefined ? [own] : [])]) {
    await deleteEntry(entries, removed);
  }
  await writeEntry(entries, isRecreated ? undefined : own, wanted, {
    principal: mapping.principal,
    id: me.id,
    owner: me.owner,
  });
}

async function release(here: ObservedEntries, decision: AcceptedRelease, guard: Guard | undefined): Promise<void> {
  const { entries, live } = here;
  const removed = liveOf(here, decision.removes);
  if (removed.length > 0) {
    await guard?.entry(undefined);
  }
  for (const entry of removed) {
    await deleteEntry(entries, entry);
  }
  for (const claim of decision.drops) {
    for (const entry of live.values()) {
      if (!removed.includes(entry) && hasClaim(entry, claim)) {
        await unclaimEntry(entries, entry, claim);
      }
    }
  }
}

function liveOf({ live }: ObservedEntries, seen: readonly SeenEntry[]): readonly LiveAccessEntry[] {
  return seen.flatMap(({ position }) => live.get(position) ?? []);
}

async function translated(entries: KnownEntries, mapping: LocatedMapping, content: Content, principalArn: string) {
  const { username, groups } = content;
  return translate({ ...mapping, username, groups }, principalArn, await entries.cluster());
}
