import { describe, expect, it } from "vitest";
import { drawTerminal } from "../../../scripts/drawTerminal.ts";

const linesOf = (svg: string) =>
  Array.from(svg.matchAll(/<text [^>]*>(.*)<\/text>/g), ([, line = ""]) => line.replace(/<[^>]*>/g, ""));

describe("the drawing of a terminal", () => {
  it("has a line for each line, as it stands, in letters of at least 12 pixels where it is shrunk to 640", () => {
    const svg = drawTerminal('$ pulumi preview\n + a <b> & "c"\n\n    error: no\n');
    expect(svg).toContain("<title>$ pulumi preview</title>");
    expect(linesOf(svg)).toEqual(["$ pulumi preview", ' + a &lt;b&gt; &amp; "c"', "", "    error: no"]);
    const [, width] = /^<svg [^>]*width="(\d+)"/.exec(svg) ?? [];
    const [, letters] = /font: (\d+)px/.exec(svg) ?? [];
    expect((Number(letters) * 640) / Number(width)).toBeGreaterThanOrEqual(12);
  });

  it("breaks long lines at spaces, under where they began, and cuts only what has none", () => {
    const lines = linesOf(drawTerminal(`  error: ${"word ".repeat(40)}\n${"x".repeat(100)}`));
    expect(lines.slice(0, 2)).toEqual([`  error: ${"word ".repeat(15).trim()}`, `    ${"word ".repeat(16).trim()}`]);
    expect(lines.slice(-2)).toEqual(["x".repeat(84), "x".repeat(16)]);
  });

  it("is in the reader's colour scheme, and refers to nothing outside of itself", () => {
    const svg = drawTerminal("x");
    expect(svg).toContain("@media (prefers-color-scheme: dark)");
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/href|src|url\(|import|script|http/);
  });
});
