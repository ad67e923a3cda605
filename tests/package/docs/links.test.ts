import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import schema from "../../../provider/plugin/schema.json";
import { packedFiles } from "../../support/consumers/packing.ts";
import { type Link, type Page, parsePage, readPages } from "../../support/docs/markdown.ts";
import { repository } from "../../support/engine/testProject.ts";

const pages = readPages();
const ofRegistry = ["docs/_index.md", "docs/installation-configuration.md"];
const ofRepository = `${schema.repository}/tree/main/`;
const isFound = (file: string): boolean => existsSync(join(repository, file));

describe("links in the documentation", () => {
  it("resolve", () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(problemsIn(pages, isFound)).toEqual([]);
  });

  it("resolve in the installed package", async () => {
    const packed = (await packedFiles()).files.map(({ path }) => path);
    const shipped = pages.filter(({ file }) => packed.includes(file));
    expect(shipped.length).toBeGreaterThan(20);
    const isPacked = (file: string) => packed.some((path) => path === file || path.startsWith(join(file, "/")));
    expect(problemsIn(shipped, isPacked)).toEqual([]);
  });

  it("in the README use only Markdown syntax, which the npm page can resolve", async () => {
    const readme = await readFile(join(repository, "README.md"), "utf8");
    expect(readme).not.toMatch(/^ *<(?!!-- )|!\[/m);
  });

  it("reach every page", () => {
    const linked = new Set(pages.flatMap((page) => page.links.map((link) => fileOf(page, link))));
    const isLinked = ({ file }: Page) =>
      linked.has(file) || linked.has(join(dirname(file), "/")) || !file.includes("/");
    expect(pages.filter((page) => !isLinked(page)).map(({ file }) => file)).toEqual([]);
  });

  it("are reported if they are broken", () => {
    const links = ["gone.md", "#gone", "https://", "http://example.com"].map((target) => `[x](${target})\n`);
    const page = parsePage("README.md", `# Here\n[x](#here) [x](README.md#here) \`[x](in-code)\`\n${links.join("")}`);
    expect(problemsIn([page], isFound, [page])).toEqual([
      "README.md:3 gone.md: there is no such file",
      "README.md:4 #gone: there is no such heading",
      "README.md:5 https://: not an address",
      "README.md:6 http://example.com: not an address",
    ]);
    const [first = ""] = ofRegistry;
    const targets = ["limits.md", `${schema.repository}/tree/main/gone`, `${schema.repository}/blob/main/README.md`];
    const onRegistry = parsePage(first, targets.map((target) => `[x](${target})\n`).join(""));
    expect(problemsIn([onRegistry], isFound)).toEqual([
      `${first}:1 ${targets[0]}: not an address on a website`,
      `${first}:2 ${targets[1]}: there is no such file`,
      `${first}:3 ${targets[2]}: not an address on a website`,
    ]);
  });
});

/** The problems of links; for URLs outside of this repository, only the syntax is checked. */
function problemsIn(checked: readonly Page[], isThere: (file: string) => boolean, all = pages): string[] {
  return checked.flatMap((page) =>
    page.links.flatMap((link) => {
      const problem = problemOf(page, link, all, isThere);
      return problem === undefined ? [] : [`${link.place} ${link.target}: ${problem}`];
    }),
  );
}

function problemOf(page: Page, link: Link, all: readonly Page[], isThere: (file: string) => boolean) {
  // Pulumi's Registry shows this page on another site, which cannot resolve links between files.
  if (ofRegistry.includes(page.file) && !/^https:(?!.*\.md(?:#|$))/.test(link.target)) {
    return "not an address on a website";
  }
  if (/^[a-z]+:/.test(link.target) && !link.target.startsWith(ofRepository)) {
    return URL.canParse(link.target) && link.target.startsWith("https:") ? undefined : "not an address";
  }
  const file = fileOf(page, link);
  if (!isThere(file)) {
    return "there is no such file";
  }
  const [, anchor] = link.target.split("#");
  const anchors = all.find((other) => other.file === file)?.anchors;
  return anchor === undefined || anchors?.has(anchor) ? undefined : "there is no such heading";
}

function fileOf(page: Page, { target }: Link): string {
  const [path = ""] = target.split(/[?#]/);
  if (path.startsWith(ofRepository)) {
    return path.slice(ofRepository.length);
  }
  return path === "" ? page.file : normalize(join(dirname(page.file), path));
}
