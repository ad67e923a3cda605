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
import type { ClusterSession } from "../../session/session";
import { type ClusterView, documentIfReadable, withEntry } from "../clusterView";
import { type Guard, howToGo } from "../guard";
import { contentOf, type EntryCluster, entryClusterOf, ignoredOf, liveEntry, ownEntry, sharing } from "./entryCluster";
import {
  describeEntryChanged,
  describeEntryHeld,
  describeEntryKept,
  describeEntryLeft,
  describeEntryUnrecorded,
  describeNotHandedOn,
} from "./entryMessages";
import { describeEndedNamesake } from "./messages";
import type { Leave, PlaceRemoval } from "./place";

/** Plans what a delete, or a move to aws-auth, does to the access entry of a resource. */
export async function planEntryLeave(at: EntryCluster, leave: Leave): Promise<PlaceRemoval> {
  const content = contentOf(at, leave.state);
  const removal = planAccessEntryRemoval(await liveEntry(at, content), intentToLeave(content, leave));
  const { kind } = removal;
  const live = kind === "gone" ? undefined : removal.live;
  const wantedBy = kind === "keep" || kind === "inherited" ? removal.wantedBy : [];
  return {
    kind,
    own: live && ownEntry(at, live),
    wantedBy,
    refusal: kind === "changed" ? describeEntryChanged(removal.live, content, at.cluster) : undefined,
    describeHeld: (desired) =>
      live === undefined ? "" : describeEntryHeld({ live, heldBy: wantedBy }, content, desired),
    drift: live === undefined ? describeAccessEntryDrift(content, live, [], undefined) : {},
    change: (view) => (kind === "remove" ? without(view, removal.live) : view),
  };
}

/** As `remove` of a place. */
export async function leaveEntry(session: ClusterSession, leave: Leave, guard: Guard): Promise<boolean> {
  const at = await entryClusterOf(session);
  const { entries } = at;
  const { accessEntry } = leave.state;
  // What an interrupted run has left is the resource's by its claim alone, whatever it says, and whatever the resource says.
  const left = leave.isLeftover === true && accessEntry !== undefined ? await liveEntry(at, accessEntry) : undefined;
  const content = left ?? contentOf(at, leave.state);
  const found = left ?? (await liveEntry(at, content));
  const intent = intentToLeave(content, leave);
  const seen = planAccessEntryRemoval(found, intent);
  if (seen.kind === "gone" || seen.kind === "inherited") {
    return seen.kind === "gone";
  }
  const assertUnchanged = (removal: AccessEntryRemoval) => {
    if (removal.kind === "changed") {
      throw new AwsAuthError("changedOutside", describeEntryChanged(removal.live, content, at.cluster));
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
    return guard.judge(situation, before, without(now, seen.live), leave.isMoved ? "" : howToGo);
  };
  const foreseen = seen.kind === "remove" ? await judge() : undefined;
  // Others may claim it at the same time, or let go of it: whoever sees no claim any more deletes it.
  const { own, earlier } = seen.standing;
  const live = await entries.unclaim(seen.live, [...own, ...earlier]);
  if (earlier.length > 0) {
    await report("warning", describeEndedNamesake(leave.previous, earlier), undefined);
  }
  const isMade = seen.kind !== "leave" && (own.length + earlier.length > 0 || intent.isMade);
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
      await entries.delete(removal.live);
      if (own.length === 0 && leave.state.claim.id !== undefined) {
        await report("warning", describeEntryUnrecorded(content), undefined);
      }
      return true;
    case "keep":
      if (own.length + earlier.length === 0 && intent.isMade) {
        await unlessRefused(content, () => handOn(at, removal.live));
      }
      if (removal.wantedBy.length > 0) {
        await report("info", describeEntryKept(content, removal.wantedBy), undefined);
      }
      return false;
    case "leave": {
      const because = seen.kind === "leave" ? seen.because : removal.because;
      await report("warning", describeEntryLeft(content, because), undefined);
      return false;
    }
    default:
      return false;
  }
}

/** What is only for whoever goes after this resource does not keep it from going. */
async function unlessRefused(content: AccessEntryContent, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!isRefused(error)) {
      throw error;
    }
    await report("warning", describeNotHandedOn(content, error), undefined);
  }
}

/** An entry that this resource has made without a claim was not there before those who have found it. */
async function handOn({ entries: { api } }: EntryCluster, { arn, tags }: LiveAccessEntry): Promise<void> {
  const found = claimsIn(tags).flatMap(({ id, ...claim }) =>
    claim.isFound && id !== undefined ? { id, ...claim } : [],
  );
  if (found.length > 0) {
    const made = found.map((claim) => tagOf({ ...claim, isFound: false }));
    await api.tag(arn, Object.fromEntries(made.map(({ key, value }) => [key, value])));
    await api.untag(
      arn,
      found.map(({ key }) => key),
    );
  }
}

function intentToLeave(content: AccessEntryContent, { state, previous, claimant, others }: Leave) {
  return {
    previous: content,
    ignored: ignoredOf(state.claim.ignored ?? []),
    claimant,
    isMade: state.accessEntry?.isMade === true,
    declared: sharing(others, previous).map(() => content),
  };
}

/** The view without an access entry, unless another change of the run has made another of it. */
function without(view: ClusterView, live: LiveAccessEntry): ClusterView {
  const principal = principalKey(live.principalArn);
  const content = view.entries?.get(principal);
  return content !== undefined && sameAccessEntry(content, live) ? withEntry(view, principal, undefined) : view;
}
