import { describeAccessEntry } from "../../provider/accessEntries/accessEntry";
import { describeLine } from "../../provider/document/document";
import type {
  MigratedCluster,
  MigrationEksRole,
  MigrationEntry,
  MigrationPrincipal,
  Status,
  Verdict,
} from "../../provider/migration/model";

/** A status in words. */
export const statusWords: Readonly<Record<Status, string>> = { done: "done", toDo: "to do", unknown: "unknown" };

/** What holds for somebody, in words. */
export const holdsWords: Readonly<Record<MigrationPrincipal["holds"], string>> = {
  stays: "stays",
  ends: "ends",
  unknown: "unknown",
};

const verdictWords: Readonly<Record<Verdict, string>> = {
  done: "in mode API: it ignores aws-auth, and access entries alone count",
  ready: "ready for API: whoever gets in by aws-auth today has an equal access entry",
  notReady: "not ready for API",
  unknown: "not known whether it is ready for API",
};

/** Whether a cluster can go to the mode `API`, and how much is left: `not ready for API: 3 of 5 entries are done`. */
export function verdictText({ verdict, entries }: MigratedCluster): string {
  const counts = Map.groupBy(entries, ({ status }) => status);
  const of = (status: Status) => counts.get(status)?.length ?? 0;
  const cannot = entries.filter(({ moves }) => moves === "cannot").length;
  const figures = [
    `${of("done")} of ${entries.length} ${entries.length === 1 ? "entry is" : "entries are"} done`,
    ...(cannot === 0 ? [] : [`${cannot} cannot move`]),
    ...(of("unknown") === 0 ? [] : [`${of("unknown")} cannot be told`]),
  ];
  return verdictWords[verdict] + (verdict === "notReady" || verdict === "unknown" ? `: ${figures.join(", ")}` : "");
}

/** The cluster's mode, and the next one, one sentence each: this command never changes it. */
export function modeTexts({ authenticationMode, nextMode, verdict }: MigratedCluster): readonly string[] {
  const mode = `authentication mode ${authenticationMode}`;
  if (nextMode === undefined) {
    return [mode];
  }
  const when = nextMode === "API" && verdict !== "ready" ? ", once nothing is left" : "";
  return [
    mode,
    `next mode ${nextMode}${when}: set accessConfig of the cluster's own resource; AWS lets no cluster go back`,
  ];
}

/** Where an entry stands: `mapRoles entry 3 (line 14)`. */
export function placeText({ key, position, line }: MigrationEntry): string {
  return `${key} entry ${position}${line === undefined ? "" : ` (${describeLine(line, undefined)})`}`;
}

/** Whom an entry is for. */
export function subjectText({ arn, account }: MigrationEntry): string {
  return arn ?? account ?? "an entry without an ARN";
}

/** What is to know of an entry, one clause each. */
export function clausesOf({ moves, state, accessEntry, says, reasons, notes }: MigrationEntry): readonly string[] {
  return [
    ...(accessEntry === undefined
      ? []
      : [`access entry: ${describeAccessEntry(accessEntry)}, for ${accessEntry.principalArn}`]),
    ...(moves === "cannot" ? [] : [says]),
    // Why it is left to EKS says nothing new where EKS's access entry is there.
    ...(state === "equal" ? [] : reasons.map(reasonText)),
    ...notes.map((note) => `note: ${note}`),
  ];
}

function reasonText({ reason, remedy, proposal = {} }: MigrationEntry["reasons"][number]): string {
  const { username, groups } = proposal;
  const such = [
    ...(username === undefined ? [] : [`username ${JSON.stringify(username)}`]),
    ...(groups === undefined ? [] : [`groups ${JSON.stringify(groups)}`]),
  ];
  return `${reason}; ${remedy}${such.length === 0 ? "" : `, such as ${such.join(", ")}`}`;
}

/** What uses a role of EKS: `node groups a, b`. */
export function eksRoleText({ kind, names, roleArn }: MigrationEksRole): string {
  const noun = kind === "nodegroup" ? "node group" : "Fargate profile";
  return `${noun}${names.length === 1 ? "" : "s"} ${names.join(", ")} (${roleArn})`;
}
