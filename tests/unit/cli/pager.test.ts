import { describe, expect, it } from "vitest";
import { pagerFor } from "../../../cli/pager.ts";

const long = "line\n".repeat(30);
const less = { command: "less", isShell: false };

describe("the pager", () => {
  it.each<
    [title: string, text: string, rows: number | undefined, env: Record<string, string>, pager: object | undefined]
  >([
    ["is less for what is longer than the screen", long, 24, {}, less],
    ["is what PAGER says", long, 24, { PAGER: "most -s" }, { command: "most -s", isShell: true }],
    ["is none for what fits", "line\n".repeat(23), 24, {}, undefined],
    ["is less for what leaves no line for the prompt", "line\n".repeat(24), 24, {}, less],
    ["is none outside of a terminal", long, undefined, { PAGER: "less" }, undefined],
    ["is none where PAGER is cat", long, 24, { PAGER: "cat" }, undefined],
    ["is none where PAGER is empty", long, 24, { PAGER: "" }, undefined],
    ["is none on a terminal that cannot move its cursor", long, 24, { TERM: "dumb" }, undefined],
  ])("%s", (_title, text, rows, env, pager) => {
    expect(pagerFor(text, rows, env)).toEqual(pager);
  });
});
