import { describe, expect, it } from "vitest";
import { ReadAhead } from "../../../provider/session/readAhead.ts";
import { live } from "../accessEntries/support.ts";

const claimedBy = (...labels: readonly string[]) =>
  live({ tags: Object.fromEntries(labels.map((label, index) => [`pulumi-aws-auth/claims/c${index}`, label])) });
const own = claimedBy("organization/infra/prod dev");
const foreign = claimedBy("organization/infra/prod2 dev");

/** Asks for entries of which all are own, after others of the list were read ahead. */
function reachAfter(readAhead: readonly ReturnType<typeof live>[], asked = 2): number {
  const ahead = new ReadAhead();
  for (let index = 0; index < asked; index += 1) {
    ahead.ask(`role${index}`);
    ahead.tell([own]);
  }
  for (const entry of readAhead) {
    ahead.see(entry);
  }
  ahead.tell([own]);
  return ahead.reach(1000);
}

describe("reading ahead", () => {
  it("goes as far as was asked for, by how many principals and not by how often", () => {
    const ahead = new ReadAhead();
    expect(ahead.reach(1000)).toBe(0);
    for (const name of ["a", "b", "a", "b"]) {
      ahead.ask(name);
    }
    expect(ahead.asked).toBe(2);
    expect([ahead.reach(1000), ahead.reach(1)]).toEqual([2, 1]);
  });

  it.each([
    ["most entries are the own stack's", [...Array(5).fill(own), ...Array(4).fill(foreign)], 1000],
    ["half of them are", [...Array(4).fill(own), ...Array(4).fill(foreign)], 2],
    ["too few were seen", Array(7).fill(own), 2],
    ["they are shared with another stack", Array(8).fill(claimedBy("o/p/s x", "organization/infra/prod y")), 1000],
    ["nobody claims them", Array(8).fill(live()), 2],
    ["their claims name no stack", Array(8).fill(claimedBy("prod")), 2],
  ])("where %s", (_title, readAhead, reach) => {
    expect(reachAfter(readAhead)).toBe(reach);
  });

  it("of the whole list does not end where others come later", () => {
    const ahead = new ReadAhead();
    ahead.tell([own]);
    Array.from({ length: 8 }, () => ahead.see(own));
    ahead.tell([own]);
    Array.from({ length: 80 }, () => ahead.see(foreign));
    ahead.tell([own]);
    expect(ahead.reach(1000)).toBe(1000);
  });
});
