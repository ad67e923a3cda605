import type {
  MigratedCluster,
  MigrationEntry,
  MigrationPrincipal,
  MigrationReport,
  Status,
} from "../../provider/migration/model";
import { layOut } from "../../provider/text/layout";
import { printable } from "../../provider/text/text";
import { unreadSection } from "../review/text";
import { bullet, type Emphasis, emphasise, section, type Terminal } from "../terminal";
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

const colours: Readonly<Record<Status | MigrationPrincipal["holds"] | "cannot", Emphasis>> = {
  done: "green",
  stays: "green",
  toDo: "yellow",
  unknown: "yellow",
  ends: "red",
  cannot: "red",
};

/** A report for a terminal: for each cluster what is left, every entry, and what will hold for whom. */
export function renderText({ clusters, unread }: MigrationReport, terminal: Terminal): string {
  const blocks = [...clusters.map((cluster) => clusterBlock(cluster, terminal)), ...unreadSection(unread, terminal)];
  return `${blocks.join("\n\n")}\n`;
}

function clusterBlock(cluster: MigratedCluster, terminal: Terminal): string {
  const { name, account, notes, left, entries, eksRoles, administrators, caller } = cluster;
  const head = [
    emphasise(terminal, "bold", printable(`${name}, account ${account}`)),
    sentence(verdictText(cluster), terminal),
    ...modeTexts(cluster).map((text) => sentence(text, terminal)),
    ...notes.map((note) => sentence(`note: ${note}`, terminal)),
  ];
  const standing = ({ arn, holds, says }: MigrationPrincipal) => `${holdsWords[holds]}: ${arn}; ${says}`;
  return [
    head.join("\n"),
    ...entries.map((entry) => entryBlock(entry, terminal)),
    ...section("Left besides:", left, terminal),
    ...section(
      "Access entries of EKS:",
      eksRoles.map((role) => `${statusWords[role.status]}: ${eksRoleText(role)}; ${role.says}`),
      terminal,
    ),
    ...section("Administrators in mode API:", administrators.map(standing), terminal),
    ...section("Your own access in mode API:", [standing(caller)], terminal),
  ].join("\n\n");
}

function entryBlock(entry: MigrationEntry, terminal: Terminal): string {
  const { moves, status } = entry;
  const colour = colours[moves === "cannot" ? "cannot" : status];
  const title = `${emphasise(terminal, colour, `${moves}, ${statusWords[status]}`)}  ${placeText(entry)}`;
  return [
    title,
    `  ${printable(subjectText(entry))}`,
    ...clausesOf(entry).map((clause) => bullet(clause, terminal)),
  ].join("\n");
}

function sentence(text: string, terminal: Terminal): string {
  return layOut(`  ${printable(text)}`, terminal.width);
}
