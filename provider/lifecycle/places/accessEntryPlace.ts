import {
  type AccessEntryIntent,
  claimsIn,
  describeAccessEntry,
  describeAccessEntryDrift,
  describeDeath,
  groupsInMap,
  type LiveAccessEntry,
  planAccessEntry,
  sameAccessEntry,
  samePrincipalArn,
  standingIn,
  withLiveIgnored,
} from "../../accessEntries";
import { saysAuthenticationMode } from "../../cluster";
import { entryInForce } from "../../document";
import { report } from "../../engine/diagnostics";
import { AwsAuthError } from "../../errors";
import { type Mapping, principalOf } from "../../mapping";
import type { Claim, Claimant } from "../../ownership";
import { quoted } from "../../text/text";
import { documentIfReadable } from "../clusterView";
import { accessEntryProperty } from "../context";
import type { Guard } from "../guard";
import { isKeptInAccessEntry, isKeptInMap, type Placed, type ResourceState } from "../state";
import {
  type AccessEntryCluster,
  accessEntryClusterOf,
  contentOf,
  hasRoomIn,
  liveEntry,
  mappingIn,
  notesOn,
  ownEntry,
  saysMapping,
  sharing,
  unknownPrincipals,
} from "./accessEntryCluster";
import { describeEntryTakenOver, entryOf } from "./accessEntryMessages";
import { leaveEntry, planEntryLeave } from "./accessEntryRemoval";
import { type PlannedEntry, refusalOf, takeBackAccessEntry, withPlanned, writeAccessEntry } from "./accessEntryWriter";
import type { LabelledId } from "./labelledId";
import { entriesFor, hasContentOf } from "./mapPlan";
import { claimedBy, describeSubject, takenFrom } from "./messages";
import {
  type Kept,
  type Leave,
  type LeftBehind,
  type Note,
  Place,
  type PlacePlan,
  type PlaceRemoval,
  storedWant,
  type Want,
} from "./place";

/** The access entries of an EKS cluster. A principal has one at most, and what is written counts some seconds later. */
export class AccessEntryPlace extends Place {
  keeps(placed: Placed): boolean {
    return isKeptInAccessEntry(placed);
  }

  async plan(want: Want): Promise<PlacePlan> {
    const at = await accessEntryClusterOf(this.session);
    const { plan, content, principal, isNew } = await this.#planOn(at, want);
    const { desired, state, before } = want;
    const { live, standing, displaced } = plan;
    const isMade = plan.kind === "update" || plan.kind === "recreate";
    const isMoved = principal !== undefined && !samePrincipalArn(principal.arn, content.principalArn);
    const drift =
      isNew || before === undefined
        ? {}
        : describeAccessEntryDrift(contentOf(at, before), live, want.ignored, principal?.createdAt);
    const nameOf = (name: string) => (isKeptInMap(state) && name !== "accessEntry" ? `accessEntry.${name}` : name);
    return {
      refusal: isMoved
        ? new AwsAuthError(
            "invalidInput",
            `arn ${quoted(content.principalArn)} does not exist any more, so that its access entry lets nobody in; IAM has ${quoted(principal.arn)} now; give that ARN`,
          )
        : refusalOf(plan, content),
      isChange: plan.kind !== "inSync",
      isOutOfSync: plan.kind !== "inSync",
      mayTake: isMade || (plan.kind === "create" && !isKeptInMap(state) && (await this.#isOtherInMap(desired))),
      standing,
      sharers: plan.sharers,
      namesakes: isNew ? standing.earlier : [],
      isClaimOutdated: false,
      hasRoom: live !== undefined && (standing.own.length > 0 || hasRoomIn(live, state.claim.owner)),
      lossOfClaim: "its tag was removed from the access entry",
      own: live && ownEntry(at, live),
      notes: notesOn(at, plan, content, isNew),
      drift: Object.fromEntries(Object.entries(drift).map(([name, change]) => [nameOf(name), change])),
      adoption:
        isNew && isMade && live !== undefined
          ? { "access entry": `${describeAccessEntry(live)} => ${describeAccessEntry(content)}${takenFrom(displaced)}` }
          : {},
      change: (view) => withPlanned(view, plan),
    };
  }

  async apply(want: Want, claim: LabelledId, guard: Guard): Promise<Kept> {
    const at = await accessEntryClusterOf(this.session);
    const { entries } = at;
    const planAnew = async () => {
      const planned = await this.#planAnew(at, want);
      const { plan } = planned;
      if (guard.isStrict && plan.kind !== "inSync") {
        const situation = await guard.situation();
        guard.judge(situation, situation.view, withPlanned(situation.view, plan));
      }
      return planned;
    };
    const written = await writeAccessEntry(at, planAnew, claim);
    const { stored } = written;
    return {
      isClaimed: written.isClaimed,
      accessEntry: stored,
      inForce: async () => {
        // In mode `API` the cluster ignores aws-auth already.
        if (at.cluster.authenticationMode === "API") {
          return;
        }
        await entries.inForce(stored.principalArn);
        await entries.reread(stored.principalArn);
        const content = contentOf(at, { ...want.state, accessEntry: stored });
        const live = await liveEntry(at, content);
        if (live === undefined || !sameAccessEntry(withLiveIgnored(content, live, want.ignored), live)) {
          const text = `${entryOf(content)} was changed or deleted while this run waited until the cluster knows it, so the entry in aws-auth stays as it is; run again`;
          throw new AwsAuthError("conflict", text);
        }
      },
      takeBack: (error) => takeBackAccessEntry(at, written, error),
    };
  }

  async read(state: ResourceState): Promise<Mapping | undefined> {
    const { mapping } = state;
    if (mapping === undefined || mapping.kind === "account") {
      return undefined;
    }
    const at = await accessEntryClusterOf(this.session);
    const want = storedWant(this, state, mapping);
    const { plan, content } = await this.#planOn(at, want);
    if (plan.kind === "create") {
      return undefined;
    }
    for (const { severity, text } of unknownPrincipals(at)) {
      await report(severity, text, undefined);
    }
    const { live } = plan;
    if (plan.kind === "takenOver") {
      await report("warning", describeEntryTakenOver(plan, content), undefined);
      return mapping;
    }
    if (plan.isDead && (plan.kind === "recreate" || plan.kind === "conflict")) {
      const way =
        plan.kind === "conflict"
          ? 'it is not this package\'s to delete; delete it yourself, and run "pulumi up"'
          : '"pulumi up" makes it again';
      await report("warning", `${entryOf(content)} is ${describeDeath(content)}; ${way}`, undefined);
    }
    if (sameAccessEntry(content, live)) {
      return mapping;
    }
    const found = mappingIn(at, live);
    if (found === undefined || live.type !== content.type) {
      await report(
        "warning",
        `the access entry of ${describeSubject(mapping)} says ${describeAccessEntry(live)}, which no mapping says; the state keeps what this resource last said, and "pulumi up" restores it`,
        undefined,
      );
      return mapping;
    }
    return { ...mapping, username: live.username, groups: groupsInMap(live) };
  }

  async findLeft(state: ResourceState, claimant: Claimant): Promise<LeftBehind | undefined> {
    for (const live of await this.#entriesBeside(state)) {
      const { own, earlier } = standingIn(live.tags, claimant);
      const claims = claimant.id === undefined ? [...own, ...earlier] : own;
      if (claims.length > 0) {
        const accessEntry = { principalArn: live.principalArn, isMade: true };
        const properties = { ...state.properties, authenticationMode: "API", [accessEntryProperty]: accessEntry };
        const text = describeAccessEntry(live);
        const description = `${state.mapping && describeSubject(state.mapping)} is kept in aws-auth, and has an access entry that a run which did not finish has left; it takes precedence over aws-auth, and says ${text}; "pulumi up" removes it`;
        return { state: { ...state, mode: "API", properties, accessEntry }, claims, text, description };
      }
    }
    return undefined;
  }

  /** What to tell of access entries of somebody else that take precedence over a mapping that is new in aws-auth. */
  async findOverriding(state: ResourceState): Promise<readonly Note[]> {
    const { mapping } = state;
    const others = await this.#entriesBeside(state);
    if (mapping === undefined || others.length === 0) {
      return [];
    }
    const at = await accessEntryClusterOf(this.session);
    return others
      .filter((live) => !saysMapping(at, live, mapping))
      .map((live) => {
        const by = claimedBy(claimsIn(live.tags));
        const text = `${describeSubject(mapping)} has an access entry, which takes precedence over aws-auth: it says ${describeAccessEntry(live)}${by}; this mapping counts once that is deleted`;
        return { severity: "warning", text };
      });
  }

  /** Tells of access entries that still let a principal in whose mapping is gone from aws-auth. */
  async warnOfOthers(state: ResourceState): Promise<void> {
    const isDeclared = this.declarations.others(state.principal ?? "", undefined).some((other) => this.keeps(other));
    for (const live of isDeclared ? [] : await this.#entriesBeside(state)) {
      const claims = claimsIn(live.tags);
      const text = `${entryOf(live)} stays and still gives access${claimedBy(claims)}`;
      await report(claims.length === 0 ? "warning" : "info", text, undefined);
    }
  }

  async claimsFor(principal: string): Promise<readonly Claim[]> {
    const { entries } = await accessEntryClusterOf(this.session);
    return (await entries.find(principal)).flatMap(({ tags }) => claimsIn(tags));
  }

  async planRemoval(leave: Leave): Promise<PlaceRemoval> {
    return planEntryLeave(await accessEntryClusterOf(this.session), leave);
  }

  remove(leave: Leave, guard: Guard): Promise<boolean> {
    return leaveEntry(this.session, leave, guard);
  }

  async #planOn(at: AccessEntryCluster, want: Want): Promise<PlannedEntry> {
    const { state, desired, ignored, claimant, flags } = want;
    const content = contentOf(at, state);
    const before = isKeptInAccessEntry(want.before) ? want.before : undefined;
    const live = await liveEntry(at, content);
    const principal = live === undefined ? undefined : await at.entries.principals.find(content.principalArn);
    const isMade = before?.accessEntry?.isMade === true;
    const intent: AccessEntryIntent = {
      desired: content,
      previous: before && contentOf(at, before),
      adopt: flags.adopt,
      ignored,
      claimant,
      declared: sharing(want.others, desired).map(() => content),
      isMade,
      principalCreatedAt: principal?.createdAt,
    };
    return { plan: planAccessEntry(live, intent), content, principal, isNew: before === undefined, isMade };
  }

  /**
   * Plans for the access entry as it is now, since others may have claimed or changed it since this run has read it. Only where there is
   * none, EKS itself refuses to make a second one.
   */
  async #planAnew(at: AccessEntryCluster, want: Want): Promise<PlannedEntry> {
    const planned = await this.#planOn(at, want);
    if (planned.plan.kind === "create") {
      return planned;
    }
    await at.entries.reread(planned.plan.live.principalArn);
    return this.#planOn(at, want);
  }

  /** Whether aws-auth gives a principal something else, which a new access entry would take from it. */
  async #isOtherInMap(mapping: Mapping): Promise<boolean> {
    const entry = entryInForce(entriesFor(await documentIfReadable(this.session), principalOf(mapping)));
    return entry !== undefined && !hasContentOf(entry, mapping);
  }

  /**
   * The access entries of a principal whose mapping is kept in aws-auth alone. Only looked for where the stack or the resource says where
   * its mappings are kept: any other has never moved.
   */
  async #entriesBeside({ mapping, properties }: ResourceState): Promise<readonly LiveAccessEntry[]> {
    const isSaid = saysAuthenticationMode(this.settings) || properties["authenticationMode"] !== undefined;
    const entries = isSaid ? await this.session.accessEntries() : undefined;
    if (entries === undefined || mapping === undefined || mapping.kind === "account") {
      return [];
    }
    try {
      const { authenticationMode } = await entries.cluster();
      return authenticationMode === "CONFIG_MAP" ? [] : await entries.find(mapping.arn);
    } catch (error) {
      if (error instanceof AwsAuthError && error.code === "accessDenied") {
        const text = `an access entry that an earlier run has left takes precedence over aws-auth, and this run cannot see any: ${error.message}`;
        await report("info", text, undefined);
        return [];
      }
      throw error;
    }
  }
}
