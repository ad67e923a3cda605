import { printable } from "../../provider/text/text";
import { type Cell, figureText, itemText, type List, type Report, type Section, type Table } from "./report";

/** A report as Markdown with tables, for an issue or a page of a wiki. */
export function renderMarkdown({ title, createdAt, figures, changes, sections, unread }: Report): string {
  const blocks = [
    `# ${title}`,
    ...(figures === undefined ? [] : [`${createdAt}: ${figureText(figures)}.`]),
    ...listBlocks("##", changes),
    ...sections.flatMap(sectionBlocks),
    ...listBlocks("##", unread),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function listBlocks(level: string, list: List | undefined): string[] {
  return list === undefined
    ? []
    : [`${level} ${text(list.title)}`, ...bullets(list.items.map((item) => itemText(item, text, code)))];
}

function sectionBlocks({ title, verdict, lead = [], notes, table, lists = [] }: Section): string[] {
  return [
    `## ${text(title)}`,
    ...bullets([...(verdict === undefined ? [] : [`**${text(verdict)}**`]), ...[...lead, ...notes].map(text)]),
    ...tableBlocks(table),
    ...lists.flatMap((list) => listBlocks("###", list)),
  ];
}

function tableBlocks({ tagTitle, columns, rows, empty }: Table): string[] {
  if (rows.length === 0) {
    return empty === undefined ? [] : [empty];
  }
  const header = [...(tagTitle === undefined ? [] : [tagTitle]), ...columns.map(({ title }) => title)];
  const body = rows.map(({ tag, cells }) => [
    ...(tagTitle === undefined ? [] : [tag?.text ?? ""]),
    ...cells.map((cell, column) =>
      [...new Set(cell.map(cellText))].join(columns[column]?.hasSentences ? "<br>" : ", "),
    ),
  ]);
  return [[header, header.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n")];
}

function cellText({ text: said, isCode, tag }: Cell): string {
  return `${tag === undefined ? "" : `**${text(tag.text)}** `}${isCode ? code(said) : text(said)}`;
}

/** A list of items that are Markdown already; nothing without any. */
function bullets(items: readonly string[]): string[] {
  return items.length === 0 ? [] : [items.map((item) => `- ${item}`).join("\n")];
}

/** A name as code: nothing in it is taken for Markdown, a link or the name of somebody to notify. */
function code(name: string): string {
  const shown = printable(name);
  // A backslash before a bar ends the cell, and a backtick the code.
  const isPlain = shown !== "" && !/[`|\\]/.test(shown);
  return isPlain ? `\`${shown}\`` : `<code>${text(shown)}</code>`;
}

/** Text of which nothing is taken for Markdown or HTML, for a link, or for the name of somebody to notify. */
function text(said: string): string {
  return printable(said)
    .replace(/[\\`*_{}[\]<>()#+!|~&$^]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/:(?=\/\/)|\.(?=\w)(?<=\bwww\.)/gi, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/@/g, "@<!-- -->");
}
