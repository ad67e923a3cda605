import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../engine/testProject.ts";

/** A fenced block of code. */
export interface CodeBlock {
  /** The page, and the line of the first line of code: `docs/concepts.md:12`. */
  readonly place: string;
  /** The info string after the opening fence; empty if there is none. */
  readonly language: string;
  readonly text: string;
}

export interface Link {
  readonly place: string;
  readonly target: string;
}

/** The parts of a Markdown page that the tests check. */
export interface Page {
  readonly file: string;
  readonly blocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  /** The valid link fragments of the page. */
  readonly anchors: ReadonlySet<string>;
}

/** Every page for users: those of the repository, `docs/` and the examples. */
export function readPages(): readonly Page[] {
  const inDirectory = (directory: string, recursive: boolean): string[] =>
    readdirSync(join(repository, directory), { recursive, encoding: "utf8" })
      .filter((file) => file.endsWith(".md") && !file.includes("node_modules"))
      .map((file) => join(directory, file));
  return [...inDirectory(".", false), ...inDirectory("docs", true), ...inDirectory("examples", true)].map(readPage);
}

function readPage(file: string): Page {
  return parsePage(file, readFileSync(join(repository, file), "utf8"));
}

/** The first block of a page that contains a string. */
export async function readBlock(file: string, text: string): Promise<string> {
  const block = readPage(file).blocks.find((candidate) => candidate.text.includes(text));
  if (block === undefined) {
    throw new Error(`${file} has no block with ${JSON.stringify(text)}`);
  }
  return block.text;
}

const fenced = /^( *)(`{3,}|~{3,})(.*)\n([\s\S]*?)^ *\2[`~]* *$/gm;

/** Parses the fences, the headings, and the links outside of code. */
export function parsePage(file: string, text: string): Page {
  const blocks: CodeBlock[] = [];
  const prose = text.replace(fenced, (...found: [string, string, string, string, string, number]) => {
    const [block, indent, , language, code, index] = found;
    const line = text.slice(0, index).split("\n").length + 1;
    const indentation = new RegExp(`^ {0,${indent.length}}`, "gm");
    blocks.push({ place: `${file}:${line}`, language: language.trim(), text: code.replace(indentation, "") });
    return block.replace(/.+/g, "");
  });
  const links: Link[] = [];
  const anchors = new Set<string>();
  for (const [index, line] of prose.split("\n").entries()) {
    if (/^ *(?:```|~~~)/.test(line)) {
      throw new Error(`${file}:${index + 1}: this fence is never closed`);
    }
    for (const [, target = ""] of line.replace(/`[^`]*`/g, "``").matchAll(/\]\(([^()\s]+)\)/g)) {
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
  return { file, blocks, links, anchors };
}

/** The anchor that GitHub generates for a heading: the second of two identical ones gets a number. */
function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const plain = heading.replace(/\]\([^)]*\)/g, "").toLowerCase();
  const anchor = plain.replace(/[^\p{L}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
  let [unique, count] = [anchor, 0];
  while (taken.has(unique)) {
    unique = `${anchor}-${++count}`;
  }
  return unique;
}
