import { isAdministrator, type LiveAccessEntry } from "../accessEntries";
import { callerIdentity } from "../authenticator/callerIdentity";
import { placedEntries } from "../authenticator/placedEntry";
import { candidatesFor } from "../authenticator/resolve";
import { principalKey } from "../mapping";
import { superusers } from "../rbac";
import type { MigrationFacts } from "./facts";
import type { LiveEntryJudge } from "./liveEntries";
import type { MigrationEntry, MigrationPrincipal, Status } from "./model";

/** What will hold for every administrator in mode `API`. */
export function administratorsOf(
  facts: MigrationFacts,
  entries: readonly MigrationEntry[],
  live: LiveEntryJudge,
): readonly MigrationPrincipal[] {
  const mapped = entries.filter(({ groups, state }) => groups.includes(superusers) && state !== "notNeeded");
  const keys = new Set(mapped.map(({ arn = "" }) => principalKey(arn)));
  const isOther = (entry: LiveAccessEntry) => isAdministrator(entry) && !keys.has(principalKey(entry.principalArn));
  return [
    ...mapped.map((entry) => ofMap(entry, "administrator")),
    ...facts.access.entries.filter(isOther).map((entry) => ofEntry(entry, "administrator", live)),
  ];
}

/** What will hold in mode `API` for whoever asks. */
export function callerOf(
  facts: MigrationFacts,
  entries: readonly MigrationEntry[],
  live: LiveEntryJudge,
): MigrationPrincipal {
  if ("unread" in facts.caller) {
    return { arn: "", holds: "unknown", says: `who asks is not known: STS does not tell (${facts.caller.unread})` };
  }
  const { document } = facts.access;
  const arn = facts.caller.value;
  const identity = callerIdentity(arn);
  const [winner] = identity === undefined ? [] : candidatesFor(document, identity);
  const mapped = entries[placedEntries(document).findIndex((placed) => placed.entry === winner)];
  if (mapped !== undefined) {
    return { ...ofMap(mapped, "access"), arn };
  }
  const [entry] = identity === undefined ? [] : live.of(identity.arn);
  if (entry !== undefined) {
    return { ...ofEntry(entry, "access", live), arn };
  }
  const hidden =
    facts.cluster.authenticationMode === "CONFIG_MAP"
      ? "and may be who made the cluster, for whom EKS makes an access entry with the mode API_AND_CONFIG_MAP: look for it then"
      : "nor is an access entry for it that could be read";
  return { arn, holds: "unknown", says: `it is not in aws-auth, ${hidden}` };
}

function ofMap({ arn = "", key, position, status, says, reasons }: MigrationEntry, what: string): MigrationPrincipal {
  const place = `${key} entry ${position}`;
  const ending = `${what} by ${place} alone: ${reasons[0]?.reason ?? says}`;
  return { arn, holds: holding[status], says: status === "toDo" ? ending : `${place}: ${says}` };
}

const holding: Readonly<Record<Status, MigrationPrincipal["holds"]>> = {
  done: "stays",
  toDo: "ends",
  unknown: "unknown",
};

function ofEntry(entry: LiveAccessEntry, what: string, live: LiveEntryJudge): MigrationPrincipal {
  const arn = entry.principalArn;
  const life = live.lifeOf(entry);
  if (life.kind === "alive") {
    return { arn, holds: "stays", says: `${what} by an access entry, and not in aws-auth` };
  }
  return life.kind === "dead"
    ? { arn, holds: "ends", says: `its access entry is dead, since ${life.reason}` }
    : { arn, holds: "unknown", says: `whether its access entry is dead is not known: ${life.reason}` };
}
