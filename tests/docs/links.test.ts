import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { packedFiles } from "../support/consumers/packing.ts";
import { type Link, type Page, parsePage, readPages } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";

const pages = readPages();
const isFound = (file: string): boolean => existsSync(join(repository, file));

describe("the documents", () => {
  it("have links that lead somewhere", () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.flatMap((page) => page.links.flatMap((link) => problemOf(page, link, pages, isFound)))).toEqual([]);
  });

  it("have links that lead somewhere in the installed package too", async () => {
    const packed = (await packedFiles()).files.map(({ path }) => path);
    const isPacked = (file: string): boolean =>
      packed.some((path) => path === file || path.startsWith(join(file, "/")));
    const shipped = pages.filter(({ file }) => packed.includes(file));
    expect(shipped.length).toBeGreaterThan(20);
    expect(shipped.map(({ file }) => file)).not.toContain("docs/internals/performance.md");
    expect(shipped.flatMap((page) => page.links.flatMap((link) => problemOf(page, link, pages, isPacked)))).toEqual([]);
  });

  it("have, in the README, only links that the registry's page leads to the repository: Markdown's own", async () => {
    const readme = await readFile(join(repository, "README.md"), "utf8");
    expect(readme).not.toMatch(/^ *<(?!!-- )/m);
    expect(readme).not.toContain("![");
  });

  it("begin with a README of two and a half screens, and links for all else", async () => {
    const readme = await readFile(join(repository, "README.md"), "utf8");
    expect(readme.slice(0, readme.indexOf("\n## Documentation\n")).split("\n").length).toBeLessThanOrEqual(110);
  });

  it("are all linked from another page", () => {
    const linked = new Set(pages.flatMap((page) => page.links.map((link) => fileOf(page, link))));
    const isLinked = ({ file }: Page): boolean =>
      linked.has(file) || linked.has(join(dirname(file), "/")) || !file.includes("/");
    expect(pages.filter((page) => !isLinked(page)).map(({ file }) => file)).toEqual([]);
  });
});

it.each([
  ["a file that is not there", "[x](gone.md)", "gone.md: there is no such file"],
  ["a heading that is not there", "[x](#gone)", "#gone: there is no such heading"],
  ["an address that is none", "[x](https://)", "https://: not an address"],
  ["an address without encryption", "[x](http://example.com)", "http://example.com: not an address"],
])("a link to %s is found", (_title, text, problem) => {
  const page = parsePage("README.md", `# Here\n[x](#here) [x](README.md#here) \`[x](in-code)\`\n${text}\n`);
  expect(page.links.flatMap((link) => problemOf(page, link, [page], isFound))).toEqual([`README.md:3 ${problem}`]);
});

/** What is wrong with a link; of addresses elsewhere, only how they are written. */
function problemOf(page: Page, link: Link, all: readonly Page[], isThere: (file: string) => boolean): string[] {
  const problem = (what: string): string[] => [`${link.place} ${link.target}: ${what}`];
  if (/^[a-z]+:/.test(link.target)) {
    return URL.canParse(link.target) && link.target.startsWith("https:") ? [] : problem("not an address");
  }
  const file = fileOf(page, link);
  if (!isThere(file)) {
    return problem("there is no such file");
  }
  const anchor = link.target.split("#")[1];
  const anchors = all.find((other) => other.file === file)?.anchors;
  return anchor === undefined || anchors?.has(anchor) ? [] : problem("there is no such heading");
}

function fileOf(page: Page, { target }: Link): string {
  const [path = ""] = target.split(/[?#]/);
  return path === "" ? page.file : normalize(join(dirname(page.file), path));
}
