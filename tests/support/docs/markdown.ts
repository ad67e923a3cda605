import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { repository } from "../engine/testProject.ts";

/** A fenced block of code. */
export interface CodeBlock {
  /** The page, and the line of the first line of code: `docs/concepts.md:12`. */
  readonly place: string;
  /** The info string after the opening fence; empty if there is none. */
  readonly language: string;
  readonly text: string;
}

/** A link, or an image. */
export interface Link {
  readonly place: string;
  readonly target: string;
}

/** What the tests look at in a page of Markdown. */
export interface Page {
  /** Path from the repository's root. */
  readonly file: string;
  readonly blocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  /** What links to the page may name behind a #. */
  readonly anchors: ReadonlySet<string>;
}

/** Every page that users read: the repository's own, `docs/` and the examples'. */
export function readPages(): readonly Page[] {
  const inDirectory = (directory: string, isDeep: boolean): string[] =>
    readdirSync(join(repository, directory), { recursive: isDeep, encoding: "utf8" })
      .filter((file) => file.endsWith(".md") && !file.includes("node_modules"))
      .map((file) => join(directory, file));
  return [...inDirectory(".", false), ...inDirectory("docs", true), ...inDirectory("examples", true)].map((file) =>
    parsePage(relative(".", file), readFileSync(join(repository, file), "utf8")),
  );
}

/** The first block of a page that holds a string. */
export async function readBlock(file: string, text: string): Promise<string> {
  const { blocks } = parsePage(file, await readFile(join(repository, file), "utf8"));
  const block = blocks.find((candidate) => candidate.text.includes(text));
  if (block === undefined) {
    throw new Error(`${file} has no block with ${JSON.stringify(text)}`);
  }
  return block.text;
}

/** Reads a page line by line: its fences, its headings, and the links outside of code. */
export function parsePage(file: string, text: string): Page {
  const blocks: CodeBlock[] = [];
  const links: Link[] = [];
  const anchors = new Set<string>();
  let open: { fence: string; indent: number; language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = "", fence = "", info = ""] = /^( *)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open !== undefined) {
      if (fence.startsWith(open.fence) && info.trim() === "") {
        blocks.push({
          place: `${file}:${open.line}`,
          language: open.language,
          text: open.lines.map((code) => `${code}\n`).join(""),
        });
        open = undefined;
      } else {
        open.lines.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
      }
    } else if (fence !== "") {
      open = { fence, indent: indent.length, language: info.trim(), line: index + 2, lines: [] };
    } else {
      const prose = line.replace(/`[^`]*`/g, "``");
      for (const [, target = ""] of prose.matchAll(/\]\(([^()\s]+)\)/g)) {
        links.push({ place: `${file}:${index + 1}`, target });
      }
      for (const [, id = ""] of line.matchAll(/<a id="([^"]+)">/g)) {
        anchors.add(id);
      }
      const [, heading] = /^#{1,6} +(.*)$/.exec(line) ?? [];
      if (heading !== undefined) {
        anchors.add(anchorOf(heading, anchors));
      }
    }
  }
  if (open !== undefined) {
    throw new Error(`${file}:${open.line - 1}: this fence is never closed`);
  }
  return { file, blocks, links, anchors };
}

/** The anchor that GitHub gives a heading: of two that are alike, the second gets a number. */
function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const plain = heading.replace(/\]\([^)]*\)/g, "").toLowerCase();
  const anchor = plain.replace(/[^\p{L}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
  let [unique, count] = [anchor, 0];
  while (taken.has(unique)) {
    unique = `${anchor}-${++count}`;
  }
  return unique;
}
