import { describeAccessEntry } from "../../provider/accessEntries/accessEntry";
import { placeOf } from "../../provider/authenticator/placedEntry";
import type {
  MigratedCluster,
  MigrationEksRole,
  MigrationEntry,
  MigrationPrincipal,
  MigrationReport,
  Status,
  Verdict,
} from "../../provider/migration/model";
import { type Item, type Report, type Row, type Section, type Tag, unreadList } from "../report/report";

/** The report of a migration: for each cluster what is left, every entry, and what will hold for whom. */
export function migrationReport({ clusters, unread }: MigrationReport): Report {
  return { title: "From aws-auth to access entries", sections: clusters.map(sectionOf), ...unreadList(unread) };
}

function sectionOf(cluster: MigratedCluster): Section {
  const { name, account, notes, left, entries, eksRoles, administrators, caller } = cluster;
  const lists = [
    { title: "Left besides", items: left.map((text): Item => ({ text })) },
    { title: "Access entries of EKS", items: eksRoles.map(eksRoleItem) },
    { title: "Administrators in mode API", items: administrators.map(principalItem) },
    { title: "Your own access in mode API", items: [principalItem(caller)] },
  ];
  return {
    title: `${name}, account ${account}`,
    verdict: verdictText(cluster),
    lead: modeTexts(cluster),
    notes,
    table: {
      tagTitle: "Status",
      columns: [{ title: "Entry" }, { title: "Of" }, { title: "What is with it", hasSentences: true }],
      rows: entries.map(entryRow),
      isLong: true,
    },
    lists: lists.filter(({ items }) => items.length > 0),
  };
}

function entryRow(entry: MigrationEntry): Row {
  const { moves, status } = entry;
  const tag = statusTags[status];
  return {
    tag: { text: `${moves}, ${tag.text}`, tone: moves === "cannot" ? "bad" : tag.tone },
    cells: [
      [{ text: placeOf(entry) }],
      [{ text: subjectText(entry), isCode: true }],
      clausesOf(entry).map((text) => ({ text })),
    ],
  };
}

/** What uses a role of EKS: `node groups a, b`. */
function eksRoleItem({ kind, names, roleArn, status, says }: MigrationEksRole): Item {
  const noun = kind === "nodegroup" ? "node group" : "Fargate profile";
  const text = `${noun}${names.length === 1 ? "" : "s"} ${names.join(", ")} (${roleArn})`;
  return { tag: statusTags[status], text, clauses: [says] };
}

function principalItem({ arn, holds, says }: MigrationPrincipal): Item {
  return { tag: holdsTags[holds], ...(arn !== "" && { code: arn }), clauses: [says] };
}

const statusTags: Readonly<Record<Status, Tag>> = {
  done: { text: "done", tone: "good" },
  toDo: { text: "to do", tone: "warn" },
  unknown: { text: "unknown", tone: "warn" },
};

const holdsTags: Readonly<Record<MigrationPrincipal["holds"], Tag>> = {
  stays: { text: "stays", tone: "good" },
  ends: { text: "ends", tone: "bad" },
  unknown: { text: "unknown", tone: "warn" },
};

const verdictWords: Readonly<Record<Verdict, string>> = {
  done: "in mode API: it ignores aws-auth, and access entries alone count",
  ready: "ready for API: whoever gets in by aws-auth today has an equal access entry",
  notReady: "not ready for API",
  unknown: "not known whether it is ready for API",
};

/** Whether a cluster can go to the mode `API`, and how much is left: `not ready for API: 3 of 5 entries are done`. */
function verdictText({ verdict, entries }: MigratedCluster): string {
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
function modeTexts({ authenticationMode, nextMode, verdict }: MigratedCluster): readonly string[] {
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

function reasonText({ reason, remedy }: MigrationEntry["reasons"][number]): string {
  return `${reason}; ${remedy}`;
}
