import type {
  MigratedCluster,
  MigrationEntry,
  MigrationPrincipal,
  MigrationReport,
} from "../../provider/migration/model";
import { code, list, table, text, unreadBlocks } from "../review/markdown";
import {
  clausesOf,
  eksRoleText,
  holdsWords,
  modeTexts,
  placeText,
  statusWords,
  subjectText,
  verdictText,
} from "./rows";

/** A report as Markdown with tables, for an issue or a page of a wiki. */
export function renderMarkdown({ clusters, unread }: MigrationReport): string {
  const blocks = ["# From aws-auth to access entries", ...clusters.flatMap(clusterBlocks), ...unreadBlocks(unread)];
  return `${blocks.join("\n\n")}\n`;
}

function clusterBlocks(cluster: MigratedCluster): string[] {
  const { name, account, notes, left, entries, eksRoles, administrators, caller } = cluster;
  return [
    `## ${text(`${name}, account ${account}`)}`,
    list([`**${text(verdictText(cluster))}**`, ...[...modeTexts(cluster), ...notes, ...left].map(text)]),
    ...(entries.length === 0
      ? []
      : [table(["Entry", "Of", "Moves", "Status", "What is with it"], entries.map(entryCells))]),
    ...(eksRoles.length === 0
      ? []
      : [
          "### Access entries of EKS",
          list(eksRoles.map((role) => `${statusWords[role.status]}: ${text(`${eksRoleText(role)}; ${role.says}`)}`)),
        ]),
    "### In mode API",
    table(["Who", "Access", "By what"], [...administrators, caller].map(personCells)),
  ];
}

function entryCells(entry: MigrationEntry): readonly string[] {
  return [
    placeText(entry),
    code(subjectText(entry)),
    entry.moves,
    statusWords[entry.status],
    clausesOf(entry).map(text).join("<br>"),
  ];
}

function personCells({ arn, holds, says }: MigrationPrincipal): readonly string[] {
  return [arn === "" ? "" : code(arn), holdsWords[holds], text(says)];
}
