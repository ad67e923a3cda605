import { accessEntriesOf } from "../access/clusterAccess";
import {
  type AccessEntryContent,
  type AccessEntryDifferences,
  type AccessEntryType,
  deathOf,
  differencesOf,
  type LiveAccessEntry,
  nearestEntry,
} from "../accessEntries";
import { principalKey } from "../mapping";
import type { MigrationFacts } from "./facts";
import type { AccessEntryState, Status } from "./model";
import type { PrincipalFact } from "./moves";

/** What is with the access entry of somebody. */
export interface Judgement {
  readonly state: AccessEntryState;
  readonly status: Status;
  /** A clause. */
  readonly says: string;
  readonly differences?: AccessEntryDifferences;
}

/** What is with an access entry, and what that comes to. */
export function judgement(state: AccessEntryState, says: string): Judgement {
  return { state, status: statuses[state], says };
}

const statuses: Readonly<Record<AccessEntryState, Status>> = {
  equal: "done",
  notNeeded: "done",
  absent: "toDo",
  different: "toDo",
  dead: "toDo",
  unproven: "unknown",
  unread: "unknown",
};

/** Whether a role or user still is the one that an access entry was made for. */
type Life = { readonly kind: "alive" } | { readonly kind: "dead" | "unknown"; readonly reason: string };

/** The access entries of a cluster, and whether they are what they should be. */
export class LiveEntryJudge {
  readonly #facts: MigrationFacts;
  readonly #trusted: ReadonlySet<string>;

  /** @param trusted {@link principalKey}s of whom the user says that they were not made again since their access entries. */
  constructor(facts: MigrationFacts, trusted: ReadonlySet<string>) {
    this.#facts = facts;
    this.#trusted = trusted;
  }

  /** All access entries of a principal: there are several if the role was made again in another path. */
  of(arn: string): readonly LiveAccessEntry[] {
    return accessEntriesOf(this.#facts.access, arn);
  }

  /** What IAM tells of a principal. */
  principal(arn: string): PrincipalFact {
    return this.#facts.principals.get(principalKey(arn)) ?? { kind: "unknown", reason: "IAM was not asked" };
  }

  /** Compares what is to be there with what is there. */
  compare(wanted: AccessEntryContent): Judgement {
    const live = nearestEntry(this.of(wanted.principalArn), wanted.principalArn);
    if (live === undefined) {
      return this.#absent();
    }
    const differences = differencesOf(live, wanted);
    if (Object.keys(differences).length === 0) {
      return this.#judged(live, "its access entry says the same");
    }
    const counts = this.#facts.cluster.authenticationMode === "CONFIG_MAP" ? "" : " counts already, and";
    const list = Object.entries(differences).map(([name, { before, after }]) => `${name} ${before}, to be ${after}`);
    return { ...judgement("different", `its access entry${counts} differs: ${list.join("; ")}`), differences };
  }

  /**
   * Looks for an access entry that EKS or another AWS service makes itself.
   *
   * @param types of which it has to be one.
   */
  ofAws(arn: string, who: string, types: readonly AccessEntryType[]): Judgement {
    const isRight = ({ type }: LiveAccessEntry) => types.includes(type);
    const all = this.of(arn);
    const live = all.find(isRight) ?? nearestEntry(all, arn);
    if (live === undefined) {
      return this.#absent(who);
    }
    if (!isRight(live)) {
      return judgement("different", `its access entry is of the type ${live.type}, and not ${types.join(" or ")}`);
    }
    return this.#judged(live, `the access entry of ${who} is there (${live.type})`);
  }

  /** Whether an access entry still lets its principal in. */
  lifeOf(live: LiveAccessEntry): Life {
    const principal = this.principal(live.principalArn);
    const death = deathOf(live, principal);
    if (death !== undefined) {
      return { kind: "dead", reason: death };
    }
    return principal.kind !== "unknown" || this.#trusted.has(principalKey(live.principalArn))
      ? { kind: "alive" }
      : { kind: "unknown", reason: principal.reason };
  }

  #judged(live: LiveAccessEntry, says: string): Judgement {
    const life = this.lifeOf(live);
    if (life.kind === "alive") {
      return judgement("equal", says);
    }
    if (life.kind === "dead") {
      return judgement("dead", `its access entry is dead, since ${life.reason}; delete it, and make it again`);
    }
    const doubt = `whether it is dead, because the role or user was made again since, is not known: ${life.reason}; if you know that it was not, name it with --trust`;
    return judgement("unproven", `${says}; ${doubt}`);
  }

  #absent(who?: string): Judgement {
    const { access, cluster } = this.#facts;
    if (access.unread !== undefined) {
      return judgement("unread", "whether it has an access entry is not known");
    }
    const isEarly = cluster.authenticationMode === "CONFIG_MAP";
    const ofAws = isEarly
      ? `the access entry of ${who} comes with the mode API_AND_CONFIG_MAP: look for it then`
      : `${who} has made no access entry for it`;
    return judgement("absent", who === undefined ? "no access entry yet" : ofAws);
  }
}
