import {
  type AccessEntryContent,
  type AccessEntryRemoval,
  claimsIn,
  describeAccessEntryDrift,
  type LiveAccessEntry,
  planAccessEntryRemoval,
  sameAccessEntry,
  tagOf,
} from "../../accessEntries";
import { report } from "../../engine/diagnostics";
import { AwsAuthError, isRefused } from "../../errors";
import { principalKey } from "../../mapping";
import { isFoundBy } from "../../ownership";
import type { ClusterSession } from "../../session/session";
import { type ClusterView, documentIfReadable, withEntry } from "../clusterView";
import type { Guard } from "../guard";
import { isKeptInAccessEntry } from "../state";
import {
  type AccessEntryCluster,
  accessEntryClusterOf,
  contentOf,
  liveEntry,
  ownEntry,
  sharing,
} from "./accessEntryCluster";
import {
  describeEntryChanged,
  describeEntryHeld,
  describeEntryLeft,
  describeEntryUnrecorded,
  entryOf,
} from "./accessEntryMessages";
import { describeEndedNamesake, namesOf, wants } from "./messages";
import type { Leave, PlaceRemoval } from "./place";

/** Plans what a delete, or a move to aws-auth, does to the access entry of a resource. */
export async function planEntryLeave(at: AccessEntryCluster, leave: Leave): Promise<PlaceRemoval> {
  const { content, found } = await entryToLeave(at, leave);
  const { kind, entry: live, wantedBy } = planAccessEntryRemoval(found, intentToLeave(at, content, leave));
  return {
    kind,
    own: live && ownEntry(at, live),
    wantedBy,
    refusal: kind === "changed" ? describeEntryChanged(live, content, at.cluster) : undefined,
    describeHeld: (desired) =>
      live === undefined ? "" : describeEntryHeld({ live, heldBy: wantedBy }, content, desired),
    drift: live === undefined ? describeAccessEntryDrift(content, live, [], undefined) : {},
    change: (view) => (kind === "remove" ? without(view, live) : view),
  };
}

/** What the entry of a resource is to say that leaves it, and what is there. */
async function entryToLeave(at: AccessEntryCluster, { state, isLeftover }: Leave) {
  const { accessEntry } = state;
  // What an interrupted run has left is the resource's by its claim alone, whatever it says, and whatever the resource says.
  const left = isLeftover === true && accessEntry !== undefined ? await liveEntry(at, accessEntry) : undefined;
  const content = left ?? contentOf(at, state);
  return { content, found: left ?? (await liveEntry(at, content)) };
}

export async function leaveEntry(session: ClusterSession, leave: Leave, guard: Guard): Promise<boolean> {
  const at = await accessEntryClusterOf(session);
  const { entries } = at;
  const { content, found } = await entryToLeave(at, leave);
  const intent = intentToLeave(at, content, leave);
  const seen = planAccessEntryRemoval(found, intent);
  if (seen.kind === "gone" || seen.kind === "inherited") {
    return seen.kind === "gone";
  }
  const assertUnchanged = (removal: AccessEntryRemoval) => {
    if (removal.kind === "changed") {
      throw new AwsAuthError("changedOutside", describeEntryChanged(removal.entry, content, at.cluster));
    }
  };
  assertUnchanged(seen);
  const judge = async () => {
    if (leave.isMoved && !guard.isStrict) {
      return [];
    }
    const situation = await guard.situation();
    // A move has changed aws-auth, and so has the delete of a mapping that was kept there too.
    const now = { ...situation.view, document: await documentIfReadable(session) };
    const before = leave.isMoved ? situation.view : now;
    return guard.judge(situation, before, without(now, seen.entry), leave.isMoved ? "up" : "destroy");
  };
  const foreseen = seen.kind === "remove" ? await judge() : undefined;
  const { own, earlier } = seen.standing;
  // The next run finds what is left by its claim alone, which therefore goes with the entry if nobody else has one.
  const isByClaim = leave.isLeftover === true;
  const now = isByClaim ? planAccessEntryRemoval(await entries.reread(seen.entry.principalArn), intent) : seen;
  assertUnchanged(now);
  // Others may claim it at the same time, or let go of it: whoever sees no claim any more deletes it.
  const live = isByClaim && now.kind === "remove" ? now.entry : await entries.unclaim(seen.entry, [...own, ...earlier]);
  if (earlier.length > 0) {
    await report("warning", describeEndedNamesake(leave.previous, earlier), undefined);
  }
  // Whoever else has found it may be gone by now.
  const isFound = isFoundBy(seen.standing);
  const isMade = !isFound && (own.length + earlier.length > 0 || intent.isMade);
  const removal = planAccessEntryRemoval(live, { ...intent, isMade });
  assertUnchanged(removal);
  switch (removal.kind) {
    case "gone":
      return true;
    case "remove":
      // Others may have let go meanwhile, so that it is the last only now.
      for (const reason of foreseen ?? (await judge())) {
        await report("warning", reason, undefined);
      }
      await entries.delete(removal.entry);
      if (leave.state.claim.id !== undefined && own.length === 0) {
        await report("warning", describeEntryUnrecorded(content), undefined);
      }
      return true;
    case "keep":
      if (own.length + earlier.length === 0 && intent.isMade) {
        await handOn(at, removal.entry, content);
      }
      if (removal.wantedBy.length > 0) {
        const { wantedBy } = removal;
        await report("info", `${entryOf(content)} stays: ${namesOf(wantedBy)} ${wants(wantedBy)} it`, undefined);
      }
      return false;
    case "leave": {
      const because = isFound ? "found" : removal.because;
      await report("warning", describeEntryLeft(content, because), undefined);
      return false;
    }
    case "inherited":
      // Without the program, nobody says whether what has replaced this resource is there.
      if (!leave.isReplaced) {
        const { siblings } = removal.standing;
        await report("warning", `${entryOf(content)} stays: ${namesOf(siblings)} ${wants(siblings)} it`, undefined);
      }
      return false;
    default:
      return false;
  }
}

/**
 * An entry that this resource has made without a claim was not there before those who have found it. What is only for whoever goes after
 * this resource does not keep it from going.
 */
async function handOn({ entries }: AccessEntryCluster, { arn, tags }: LiveAccessEntry, content: AccessEntryContent) {
  const { api } = entries;
  const found = claimsIn(tags).flatMap(({ id, ...claim }) =>
    claim.isFound && id !== undefined ? { id, ...claim } : [],
  );
  if (found.length === 0) {
    return;
  }
  const made = found.map((claim) => tagOf({ ...claim, isFound: false }));
  const keys = found.map(({ key }) => key);
  try {
    await api.tag(arn, Object.fromEntries(made.map(({ key, value }) => [key, value])));
    await api.untag(arn, keys);
  } catch (error) {
    if (!isRefused(error)) {
      throw error;
    }
    const text = `${entryOf(content)} stays, and its tag says that the entry was found, though this resource made it: the last resource that wants it leaves it in EKS; delete it then: ${error.message}`;
    await report("warning", text, undefined);
  }
}

function intentToLeave(at: AccessEntryCluster, content: AccessEntryContent, leave: Leave) {
  const { state, previous, claimant, others } = leave;
  // What has replaced the resource without a claim may say something else by now.
  const wanted = others.filter(isKeptInAccessEntry).flatMap(({ mapping }) => mapping ?? []);
  return {
    previous: content,
    ignored: state.claim.ignored ?? [],
    claimant,
    isMade: state.accessEntry?.isMade === true,
    declared: [
      ...sharing(others, previous).map(() => content),
      ...wanted.map((mapping) => contentOf(at, { ...state, mapping })),
    ],
  };
}

/** The view without an access entry, unless another change of the run has made another of it. */
function without(view: ClusterView, live: LiveAccessEntry): ClusterView {
  const principal = principalKey(live.principalArn);
  const content = view.entries?.get(principal);
  return content !== undefined && sameAccessEntry(content, live) ? withEntry(view, principal, undefined) : view;
}
