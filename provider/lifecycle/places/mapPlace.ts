import type { Settings } from "../../cluster";
import {
  type AwsAuthDocument,
  assertReadable,
  type Claim,
  claimsOn,
  covers,
  describeMap,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  keyOf,
} from "../../document";
import { report } from "../../engine/diagnostics";
import { AwsAuthError } from "../../errors";
import { describeMapping, type Mapping, principalOf } from "../../mapping";
import { type Claimant, standingOf } from "../../ownership";
import type { ClusterSession } from "../../session/session";
import { type ClusterView, documentIfReadable } from "../clusterView";
import { type Guard, howToGo } from "../guard";
import { isKeptInMap, type Placed, type ResourceState } from "../state";
import { type LabelledId, labelOn } from "./labelledId";
import {
  applyPlan,
  applyRemoval,
  describeChange,
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
  describeDrift,
  describeEntry,
  describeFullRecord,
  describeHeld,
  describeKept,
  describeLeftChanged,
  describeLeftClaim,
  describeLeftInMap,
  describeTakenOver,
} from "./mapMessages";
import {
  assertFound,
  claimedPart,
  entriesFor,
  hasContentOf,
  hasDrifted,
  isChange,
  isClaimOutdated,
  planEntry,
  planRemoval,
  withIgnored,
} from "./mapPlan";
import { describeSubject } from "./messages";
import {
  type Kept,
  type Leave,
  type LeftBehind,
  type OwnEntry,
  type Place,
  type PlacePlan,
  type PlaceRemoval,
  storedWant,
  type Want,
} from "./place";

/** The map aws-auth. A principal may have several entries there, and what is written counts at once. */
export class MapPlace implements Place {
  readonly #session: ClusterSession;
  readonly #settings: Settings;

  constructor(session: ClusterSession, settings: Settings) {
    this.#session = session;
    this.#settings = settings;
  }

  keeps(placed: Placed): boolean {
    return isKeptInMap(placed);
  }

  async plan(want: Want, view?: ClusterView): Promise<PlacePlan> {
    const document = view?.document ?? (await this.#session.document());
    const intent = intentOf(want);
    const { desired, previous } = intent;
    const plan = planEntry(document, intent);
    const { own, inSync, standing } = plan;
    if (previous === undefined) {
      assertReadable(document, keyOf(desired));
    } else {
      assertFound(document, own, previous);
    }
    const isNew = previous === undefined;
    const takesOver = plan.removes.length > 0 || plan.displaced.length > 0 || (isNew && own !== undefined && !inSync);
    const drift = !isNew && hasDrifted(plan, previous) ? describeDrift(previous, own, intent.ignored) : {};
    const { owner = "" } = want.state.claim;
    return {
      refusal: refusalOf(document, plan, intent, owner),
      isChange: isChange(plan),
      isOutOfSync: takesOver || Object.keys(drift).length > 0,
      mayTake: isChange(plan),
      standing,
      sharers: plan.sharers,
      namesakes: isNew ? plan.namesakes : [],
      isClaimOutdated: isClaimOutdated(plan),
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
    const { isClaimed, isFull } = await this.#session.commit((document) => {
      const plan = planEntry(document, intent);
      const { isFound, inSync: isInSync } = plan;
      const isNew = intent.previous === undefined || plan.isJoining;
      const { standing, namesakes: left } = plan;
      const label = labelOn(wanted, { isThere: plan.own !== undefined, isInSync, isNew, own: standing.own, left });
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
      await report("warning", describeFullRecord(), undefined);
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
    const document = await this.#session.document();
    const want = storedWant(this.#session.declarations, state, stored, this.#settings);
    const { own, takenOverBy, standing } = planEntry(document, intentOf(want));
    assertFound(document, own, stored);
    if (takenOverBy.length > 0) {
      // The entry belongs to those who took it over. A refresh must not bring their content into this state, since a destroy would
      // then remove it.
      await report("warning", describeTakenOver(stored, takenOverBy), undefined);
      return stored;
    }
    const live = own && entryMapping(own);
    if (live === undefined && standing.own.length > 0) {
      await report("warning", describeLeftClaim(stored), undefined);
    }
    return live;
  }

  async findLeft(state: ResourceState, claimant: Claimant): Promise<LeftBehind | undefined> {
    const claims = claimsOn(await documentIfReadable(this.#session), state.principal ?? "");
    const { own } = standingOf(claims, claimant);
    if (own.length === 0 || state.mapping === undefined) {
      return undefined;
    }
    const [text, description] = [describeMapping(state.mapping), describeLeftInMap(state.mapping)];
    return { state: { ...state, mode: "CONFIG_MAP" }, claims: own, text, description };
  }

  async claimsFor(principal: string): Promise<readonly Claim[]> {
    return claimsOn(await this.#session.document(), principal);
  }

  async planRemoval(leave: Leave, view?: ClusterView): Promise<PlaceRemoval> {
    const document = view?.document ?? (await this.#session.document());
    const removal = planRemoval(document, intentToLeave(leave));
    if (view === undefined) {
      assertFound(document, removal.entry, leave.previous);
    }
    const { kind, entry, wantedBy } = removal;
    return {
      kind: kind === "none" ? "gone" : kind,
      own: entry && ownEntry(document, entry),
      wantedBy,
      refusal: kind === "changed" ? describeChange(document, removal, leave) : undefined,
      describeHeld: (desired) => describeHeld(document, entry, wantedBy, desired),
      drift: kind === "none" && wantedBy.length === 0 ? describeDrift(leave.previous, undefined, []) : {},
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
    const { removal, lockedOut } = await this.#session.commit((document) => {
      const removal = planRemoval(document, intent);
      assertFound(document, removal.kind === "changed" ? undefined : removal.entry, previous);
      if (removal.kind === "changed" && leave.isLeftover !== true) {
        throw new AwsAuthError("changedOutside", describeChange(document, removal, leave));
      }
      const after = applyRemoval(document, removal);
      const lockedOut =
        situation === undefined || removal.kind !== "remove"
          ? []
          : guard.judge(situation, { ...situation.view, document }, { ...situation.view, document: after }, howToGo);
      return { document: after, result: { removal, lockedOut } };
    });
    if (removal.kind === "changed") {
      await report("warning", describeLeftChanged(previous, removal.entry), undefined);
    }
    const { id, owner } = state.claim;
    for (const warning of [...lockedOut, ...warningsOf(removal, previous, id !== undefined, isMoved)]) {
      await report("warning", warning, undefined);
    }
    const others = leave.others.filter(isKeptInMap);
    const labels = others.map(({ label }) => label);
    const wantedBy = removal.wantedBy.filter(({ label }) => !labels.includes(label));
    if (wantedBy.length > 0) {
      // One that the resource made later is of what replaces it, and that is there.
      const { siblings } = removal.standing;
      const isOwnName = wantedBy.some((claim) => claim.label === owner && !siblings.includes(claim));
      await report(isOwnName ? "warning" : "info", describeKept(previous, wantedBy, isOwnName), undefined);
    }
    const isGone = removal.kind === "remove" || removal.kind === "none";
    // Others do not count beside an access entry.
    if (isGone && !isMoved) {
      const { standing } = removal;
      await this.warnOfOthers(previous, [...standing.siblings, ...standing.others], others.length);
    }
    return isGone;
  }

  /** The entry that counts for the principal of a resource, is not its own and says something else, for messages. */
  async findOther(want: Want): Promise<string | undefined> {
    const document = await documentIfReadable(this.#session);
    const intent = intentOf(want);
    const entry = entryInForce(entriesFor(document, principalOf(want.desired)));
    const { previous } = intent;
    const isOwn = previous !== undefined && planEntry(document, { ...intent, desired: previous }).own === entry;
    return entry === undefined || isOwn || hasContentOf(entry, want.desired)
      ? undefined
      : `in ${describeMap(document.origin)} by ${describeEntry(document, entry)}`;
  }

  /**
   * Tells of entries that still let a principal in.
   *
   * @param claims the claims of others, whose own entries need no warning.
   */
  async warnOfOthers(previous: Mapping, claims: readonly Claim[] = [], declared = 0): Promise<void> {
    const entries = findEntries(await documentIfReadable(this.#session), principalOf(previous));
    const left = entries.filter((entry) => !claims.some((claim) => covers(claim, entry))).length - declared;
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
