import { describeContent } from "../../authenticator";
import {
  type AwsAuthDocument,
  assertReadable,
  claimsOn,
  covers,
  describeMap,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  isEffective,
  keyOf,
  type RecordedClaim,
} from "../../document";
import { report } from "../../engine/diagnostics";
import { AwsAuthError } from "../../errors";
import { describeMapping, type Mapping, principalOf, withIgnored } from "../../mapping";
import { type Claimant, standingOf } from "../../ownership";
import { type ClusterView, documentIfReadable } from "../clusterView";
import type { Guard } from "../guard";
import { isKeptInAccessEntry, isKeptInMap, type Placed, type ResourceState } from "../state";
import { type LabelledId, labelOn } from "./labelledId";
import {
  applyPlan,
  applyRemoval,
  hasRoomFor,
  intentOf,
  intentToLeave,
  notesOn,
  refusalOf,
  warningsOf,
  withEntryLeft,
} from "./mapEdit";
import {
  describeAdoption,
  describeChangedOutside,
  describeDrift,
  describeEntry,
  describeHeld,
  describeKept,
} from "./mapMessages";
import { assertFound, claimedPart, entriesFor, hasContentOf, planEntry, planRemoval } from "./mapPlan";
import { claimedBy, describeSubject, namesOf } from "./messages";
import {
  type Kept,
  type Leave,
  type LeftBehind,
  type OwnEntry,
  Place,
  type PlacePlan,
  type PlaceRemoval,
  storedWant,
  type Want,
} from "./place";

/** The map aws-auth. A principal may have several entries there, and what is written counts at once. */
export class MapPlace extends Place {
  keeps(placed: Placed): boolean {
    return isKeptInMap(placed);
  }

  async plan(want: Want, view?: ClusterView): Promise<PlacePlan> {
    const document = view?.document ?? (await this.session.document());
    const intent = intentOf(want);
    const { desired, previous } = intent;
    const plan = planEntry(document, intent);
    const { own, inSync, standing, removes } = plan;
    if (previous === undefined) {
      assertReadable(document, keyOf(desired));
    } else {
      assertFound(document, own, previous);
    }
    const isNew = previous === undefined;
    const isChange = !inSync || removes.length > 0;
    const takesOver = removes.length > 0 || plan.displaced.length > 0 || (isNew && own !== undefined && !inSync);
    // Somebody else has changed it, other than to what the program wants.
    const hasDrifted = !isNew && !inSync && !(own !== undefined && isEffective(own) && hasContentOf(own, previous));
    const drift = hasDrifted ? describeDrift(previous, own, intent.ignored) : {};
    const { owner = "" } = want.state.claim;
    return {
      refusal: refusalOf(document, plan, intent, owner),
      isChange,
      isOutOfSync: takesOver || Object.keys(drift).length > 0,
      mayTake: isChange,
      standing,
      sharers: plan.sharers,
      namesakes: isNew ? plan.namesakes : [],
      isClaimOutdated: own !== undefined && !standing.own.some((claim) => covers(claim, own)),
      hasRoom: standing.own.length > 0 || hasRoomFor(document, owner, own),
      lossOfClaim: "its line was removed from the annotation pulumi-aws-auth/claims",
      own: own && ownEntry(document, own),
      notes: notesOn(document, plan, intent, takesOver),
      drift,
      adoption: takesOver ? describeAdoption(document, plan) : {},
      change: ({ document: before, ...rest }) => ({
        ...rest,
        document: applyPlan(before, planEntry(before, intent), intent, undefined).document,
      }),
    };
  }

  async apply(want: Want, wanted: LabelledId, guard: Guard): Promise<Kept> {
    const intent = intentOf(want);
    const situation = guard.isStrict ? await guard.situation() : undefined;
    const { isClaimed, isFull } = await this.session.commit((document) => {
      const plan = planEntry(document, intent);
      const { isFound } = plan;
      const label = labelOn(wanted, plan, plan.inSync, intent.previous === undefined || plan.isJoining);
      const claim =
        label === undefined ? undefined : { part: claimedPart(intent.ignored), id: wanted.id, label, isFound };
      const applied = applyPlan(document, plan, intent, claim);
      if (situation !== undefined) {
        guard.judge(situation, { ...situation.view, document }, { ...situation.view, document: applied.document });
      }
      const { isClaimed } = applied;
      return { document: applied.document, result: { isClaimed, isFull: claim !== undefined && !isClaimed } };
    });
    if (isFull) {
      const text =
        "the annotation pulumi-aws-auth/claims is full (128 KiB): entries are written without a claim, so that other stacks do not see their owners; remove claims that are no longer needed, or set aws-auth:owner to a shorter name";
      await report("warning", text, undefined);
    }
    return {
      isClaimed,
      inForce: async () => {},
      takeBack: async (error) => withEntryLeft(error, want),
    };
  }

  async read(state: ResourceState): Promise<Mapping | undefined> {
    const { mapping: stored } = state;
    if (stored === undefined) {
      return undefined;
    }
    const document = await this.session.document();
    const want = storedWant(this, state, stored);
    const { own, takenOverBy, standing } = planEntry(document, intentOf(want));
    assertFound(document, own, stored);
    if (takenOverBy.length > 0) {
      // The entry belongs to those who took it over. A refresh must not bring their content into this state, since a destroy would
      // then remove it.
      const text = `${describeSubject(stored)} was taken over by ${namesOf(takenOverBy)}; the state keeps what this resource last said, and its delete leaves that entry unchanged`;
      await report("warning", text, undefined);
      return stored;
    }
    const live = own && entryMapping(own);
    if (live === undefined && standing.own.length > 0) {
      const text = `the entry for ${describeSubject(stored)} was removed outside Pulumi; the claim on it stays in the annotation pulumi-aws-auth/claims until "pulumi up" creates the mapping again, or somebody removes that line; until then an identical entry of another stack is not removed`;
      await report("warning", text, undefined);
    }
    if (live === undefined && state.mode === "CONFIG_MAP") {
      // An engine that reads before it deletes has nothing to delete then, so that nobody else tells.
      await this.warnOfOthers(stored, standing.siblings);
    }
    return live;
  }

  async findLeft(state: ResourceState, claimant: Claimant): Promise<LeftBehind | undefined> {
    const claims = claimsOn(await documentIfReadable(this.session), state.principal ?? "");
    const { own } = standingOf(claims, claimant);
    if (own.length === 0 || state.mapping === undefined) {
      return undefined;
    }
    const description = `${describeSubject(state.mapping)} is kept in an access entry, and has an entry in aws-auth that a run which did not finish has left; "pulumi up" removes it`;
    const text = describeMapping(state.mapping);
    return { state: { ...state, mode: "CONFIG_MAP" }, claims: own, text, description };
  }

  async claimsFor(principal: string): Promise<readonly RecordedClaim[]> {
    return claimsOn(await this.session.document(), principal);
  }

  async planRemoval(leave: Leave, view?: ClusterView): Promise<PlaceRemoval> {
    const document = view?.document ?? (await this.session.document());
    const removal = planRemoval(document, intentToLeave(leave));
    if (view === undefined) {
      assertFound(document, removal.entry, leave.previous);
    }
    const { kind, entry, wantedBy } = removal;
    return {
      kind,
      own: entry && ownEntry(document, entry),
      wantedBy,
      refusal:
        kind === "changed" && leave.isLeftover !== true ? describeChangedOutside(document, removal, leave) : undefined,
      describeHeld: (desired) => describeHeld(document, entry, wantedBy, desired),
      drift: kind === "gone" && wantedBy.length === 0 ? describeDrift(leave.previous, undefined, []) : {},
      change: ({ document: before, ...rest }) => ({
        ...rest,
        document: applyRemoval(before, planRemoval(before, intentToLeave(leave))),
      }),
    };
  }

  async remove(leave: Leave, guard: Guard): Promise<boolean> {
    const { previous, isMoved, state } = leave;
    const intent = intentToLeave(leave);
    const situation = isMoved ? undefined : await guard.situation();
    const { removal, lockedOut, counted } = await this.session.commit((document) => {
      const removal = planRemoval(document, intent);
      const counted = removal.entry && entryInForce(entriesFor(document, principalOf(previous))) === removal.entry;
      assertFound(document, removal.kind === "remove" || removal.kind === "keep" ? removal.entry : undefined, previous);
      if (removal.kind === "changed" && leave.isLeftover !== true) {
        throw new AwsAuthError("changedOutside", describeChangedOutside(document, removal, leave));
      }
      const after = applyRemoval(document, removal);
      const lockedOut =
        situation === undefined || removal.kind !== "remove"
          ? []
          : guard.judge(situation, { ...situation.view, document }, { ...situation.view, document: after }, "destroy");
      return { document: after, result: { removal, lockedOut, counted } };
    });
    if (removal.kind === "changed") {
      const text = `an entry for ${describeSubject(previous)} that a run which did not finish has left in aws-auth was changed outside Pulumi, and stays: it says ${describeContent(removal.entry)}; remove it if nobody needs it`;
      await report("warning", text, undefined);
    }
    const { id, owner } = state.claim;
    for (const warning of [...lockedOut, ...warningsOf(removal, previous, id !== undefined, isMoved)]) {
      await report("warning", warning, undefined);
    }
    const labels = leave.others.filter(isKeptInMap).map(({ label }) => label);
    const wantedBy = removal.wantedBy.filter(({ label }) => !labels.includes(label));
    if (wantedBy.length > 0) {
      // One that the resource made later is of what replaces it, and that is there.
      const { siblings } = removal.standing;
      const isOwnName = wantedBy.some((claim) => claim.label === owner && !siblings.includes(claim));
      await report(isOwnName ? "warning" : "info", describeKept(previous, wantedBy, isOwnName), undefined);
    }
    const isGone = removal.kind === "remove" || removal.kind === "gone";
    // Others do not count beside an access entry.
    if (isGone && !isMoved) {
      // What it has shadowed, or its access entry, begins to count, whoever wants that.
      const { siblings, others: foreign } = removal.standing;
      const hasCounted = counted || isKeptInAccessEntry(state);
      await this.warnOfOthers(previous, [...siblings, ...(hasCounted ? [] : foreign)]);
    }
    return isGone;
  }

  /**
   * The entry that counts for the principal of a resource, is not its own and says something else, for messages. With `adopt`, one that
   * others share is theirs, since nothing holds the resource to it.
   */
  async findOther(want: Want): Promise<string | undefined> {
    const document = await documentIfReadable(this.session);
    const intent = intentOf(want);
    const { desired, previous = desired } = intent;
    const entry = entryInForce(entriesFor(document, principalOf(desired)));
    const { own, sharers, standing } = planEntry(document, { ...intent, desired: previous, adopt: false });
    const isOwn = intent.previous !== undefined && own === entry && !(intent.adopt && sharers.length > 0);
    if (entry === undefined || isOwn || hasContentOf(entry, desired)) {
      return undefined;
    }
    const by = claimedBy(standing.others.filter((claim) => covers(claim, entry)));
    return `in ${describeMap(document.origin)} by ${describeEntry(document, entry)}${by}`;
  }

  /**
   * Tells of entries that still let a principal in, but for those that other resources of the run want.
   *
   * @param claims the claims of others, whose own entries need no warning.
   */
  async warnOfOthers(previous: Mapping, claims: readonly RecordedClaim[] = []): Promise<void> {
    const principal = principalOf(previous);
    const entries = findEntries(await documentIfReadable(this.session), principal);
    const declared = this.declarations.others(principal, undefined).filter(isKeptInMap);
    const isOfSomebody = (entry: Entry) =>
      claims.some((claim) => covers(claim, entry)) ||
      declared.some(({ mapping }) => mapping !== undefined && hasContentOf(entry, mapping));
    const left = entries.filter((entry) => !isOfSomebody(entry)).length;
    if (left > 0) {
      const number = left === 1 ? "1 entry" : `${left} entries`;
      const verbs = left === 1 ? ["remains", "gives"] : ["remain", "give"];
      await report(
        "warning",
        `${number} for ${describeSubject(previous)} ${verbs[0]} in kube-system/aws-auth and still ${verbs[1]} access`,
        undefined,
      );
    }
  }
}

function ownEntry(document: AwsAuthDocument, own: Entry): OwnEntry {
  return {
    says: (mapping) => hasContentOf(own, mapping),
    withIgnored: (mapping, ignored, previous) => withIgnored(mapping, own, ignored, previous),
    describe: (live) => `${describeEntry(document, own)} says ${describeMapping(live)}`,
  };
}
