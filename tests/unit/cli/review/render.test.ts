import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../../../../cli/report/markdown.ts";
import { renderText } from "../../../../cli/report/text.ts";
import { renderCsv } from "../../../../cli/review/csv.ts";
import { reviewReport } from "../../../../cli/review/report.ts";
import { companyReview, hostileReview, hostileTexts } from "../../../support/review/sample.ts";

const terminal = { out: () => undefined, err: () => undefined, hasColour: false };

/** Reads CSV as RFC 4180 says. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows = text.split("\r\n").slice(0, -1);
  return rows.map((row) =>
    Array.from(row.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g), ([, cell = ""]) => cell.replaceAll('""', '"')),
  );
}

describe("a review as CSV", () => {
  it("has a row for each entry, each identity that is gone, and each cluster that could not be read", () => {
    const [header = [], ...rows] = parseCsv(renderCsv(companyReview()));
    expect(rows.every(({ length }) => length === header.length)).toBe(true);
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)]);
    expect(rows).toHaveLength(15);
    expect(column("administrator").filter((cell) => cell === "yes")).toHaveLength(1);
    expect(column("change").filter((cell) => cell?.startsWith("gone; loses edit in"))).toHaveLength(1);
    expect(column("findings").at(-1)).toMatch(/^the cluster could not be read: /);
  });

  it("keeps hostile names whole, and no cell begins a formula, however a spreadsheet splits it", () => {
    const text = renderCsv(hostileReview());
    const [, ...rows] = parseCsv(text);
    expect(rows.length).toBeGreaterThan(20);
    const cells = rows.flat();
    for (const hostile of hostileTexts) {
      const shown = hostile.replace("\u202e", "\\u202e").replace(/^=/, "'=");
      expect(cells.some((cell) => cell.includes(shown))).toBe(true);
    }
    const split = text.split(/[\r\n,;|]/).map((piece) => piece.replace(/^[\s"]+/, ""));
    expect(split.filter((piece) => /^[=+\-@]/.test(piece))).toEqual([]);
  });
});

describe("a review as Markdown", () => {
  it("has tables whose rows all have the columns of their head", () => {
    for (const review of [companyReview(), hostileReview()]) {
      const lines = renderMarkdown(reviewReport(review)).split("\n");
      const rows = lines.filter((line) => line.startsWith("|"));
      expect(rows.length).toBeGreaterThan(10);
      // Of a row the bars between cells are the only ones that nothing escapes.
      expect(rows.map((row) => row.split("|").length)).toEqual(rows.map(() => 10));
    }
  });

  it("takes nothing of a name for markup, a link, or somebody to notify", () => {
    const outsideOfCode = renderMarkdown(reviewReport(hostileReview())).replace(/`[^`\n]*`/g, "");
    expect(outsideOfCode.match(/<(?!\/?(?:code|br)>|!-- -->)[^>]*/g) ?? []).toEqual([]);
    expect(outsideOfCode).not.toMatch(/\]\(|@\w|:\/\//);
  });
});

describe("a review for a terminal", () => {
  it("has the figures, the changes, a table for each cluster, and what could not be read", () => {
    const text = renderText(reviewReport(companyReview()), terminal);
    expect(text.split("\n")[0]).toBe(
      "2 clusters, 1 more not read, 11 identities (1 more without effect), 1 administrator, 17 findings (4 high, 4 medium, 9 low, 8 of them unowned)",
    );
    expect(text).toContain("3 changes since the review of 2026-11-24T04:00:00.000Z:\n");
    expect(text).toMatch(/^ {2}CHANGE +IDENTITY +ENTRY +USERNAME +GROUPS +RIGHTS +FINDINGS +OWNERS$/m);
    expect(text).toMatch(/^ {2}new +arn:aws:iam::111122223333:role\/platform-admins +mapRoles 2 /m);
    expect(text).toMatch(/^Not read:\n {2}- lab: EKS cluster "lab"/m);
  });

  it("shows no control character of a name", () => {
    expect(renderText(reviewReport(hostileReview()), terminal)).not.toMatch(/\p{Cf}/u);
  });
});
