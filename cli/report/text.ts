import { printable } from "../../provider/text/text";
import { bullet, type Emphasis, emphasise, section, type Terminal } from "../terminal";
import {
  type Cell,
  figureText,
  itemText,
  type List,
  type Report,
  type Row,
  type Section,
  type Table,
  type Tag,
} from "./report";

const colours: Readonly<Record<Tag["tone"], Emphasis>> = { good: "green", quiet: "dim", warn: "yellow", bad: "red" };

/** A report for a terminal. */
export function renderText({ figures, changes, sections, unread }: Report, terminal: Terminal): string {
  const blocks = [
    ...(figures === undefined ? [] : [figureText(figures)]),
    ...listBlocks(changes, terminal),
    ...sections.flatMap((one) => sectionBlocks(one, terminal)),
    ...listBlocks(unread, terminal),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function listBlocks(list: List | undefined, terminal: Terminal): string[] {
  if (list?.items.length === 0) {
    return [`${list.title}.`];
  }
  return list === undefined
    ? []
    : section(
        `${list.title}:`,
        list.items.map((item) => itemText(item)),
        terminal,
      );
}

function sectionBlocks({ title, verdict, lead = [], notes, table, lists = [] }: Section, terminal: Terminal): string[] {
  const head = [...(verdict === undefined ? [] : [verdict]), ...lead, ...notes.map((note) => `note: ${note}`)];
  const lines = [
    emphasise(terminal, "bold", printable(title)),
    ...head.map((sentence) => `  ${printable(sentence)}`),
    ...(table.isLong ? [] : linesOf(table)),
  ];
  return [
    lines.join("\n"),
    ...(table.isLong ? table.rows.map((row) => rowBlock(row, terminal)) : []),
    ...lists.flatMap((list) => listBlocks(list, terminal)),
  ];
}

/** A row as a block: its tag, the cell that names it, the one below, and a list of all else. */
function rowBlock({ tag, cells: [name = [], subject = [], ...rest] }: Row, terminal: Terminal): string {
  const shown = tag === undefined ? [] : [emphasise(terminal, colours[tag.tone], tag.text)];
  return [
    [...shown, ...name.map(textOf)].join("  "),
    ...subject.map((cell) => `  ${printable(textOf(cell))}`),
    ...rest.flat().map((cell) => bullet(textOf(cell))),
  ].join("\n");
}

/** The lines of a table; a column that has nothing but its title is left out. */
function linesOf({ columns, rows, tagTitle = "", empty }: Table): string[] {
  if (rows.length === 0) {
    return empty === undefined ? [] : [`  ${empty}`];
  }
  const header = [tagTitle, ...columns.map(({ title }) => title)].map((title) => title.toUpperCase());
  const body = rows.map(({ tag, cells }) => [
    tag?.text ?? "",
    ...columns.map(({ separator = ", " }, index) => shorten([...new Set(cells[index]?.map(textOf))]).join(separator)),
  ]);
  const used = header.flatMap((title, index) =>
    title !== "" && (index === 0 || body.some((row) => row[index] !== "")) ? [index] : [],
  );
  const lines = [header, ...body].map((row) => used.map((index) => printable(row[index] ?? "")));
  const widths = used.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines.map((line) => `  ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd());
}

function textOf({ text, short }: Cell): string {
  return short ?? text;
}

/** The first three items, and how many more there are. */
export function shorten(items: readonly string[]): readonly string[] {
  return items.length <= 4 ? items : [...items.slice(0, 3), `${items.length - 3} more`];
}
