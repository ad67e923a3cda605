import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut, maxColumns } from "../../../provider/text/layout.ts";
import { unfolded } from "../../support/unfolded.ts";

const dev = "arn:aws:iam::111122223333:role/dev";

describe("a message", () => {
  it("has a line for each of its contents: subject, what is there, what is wanted, the ways on", () => {
    const text = `arn "${dev}" is already mapped in kube-system/aws-auth of EKS cluster "prod" (eu-central-1); mapRoles entry 2 says username "dev", groups ["viewers"]; this resource says username "dev", groups ["ops"]; set adopt: true to take the other entry over, remove the other entry, or set noDuplicateARNs: false to have both`;
    expect(layOut(text)).toBe(`arn "${dev}" is already mapped in kube-system/aws-auth of EKS
    cluster "prod" (eu-central-1);
  mapRoles entry 2 says username "dev", groups ["viewers"];
  this resource says username "dev", groups ["ops"];
  set adopt: true to take the other entry over, remove the other entry,
    or set noDuplicateARNs: false to have both`);
  });

  it("stays on one line where that is short enough", () => {
    expect(layOut("this is short; and clear")).toBe("this is short; and clear");
  });

  it("has nothing that no protocol carries, even if it was cut", () => {
    expect(layOut(`${"😀".repeat(3).slice(0, 5)} x`)).toBe("😀😀\ufffd x");
  });

  it("keeps the lines that it has, each with its indentation", () => {
    const [long, quoted] = ["word ".repeat(30).trim(), `"${"x ".repeat(60)}"`];
    expect(layOut(`two errors:\n  a.yaml:1: ${long}\n  b`).split("\n")).toEqual([
      "two errors:",
      expect.stringMatching(/^ {2}a.yaml:1: word/),
      expect.stringMatching(/^ {6}word/),
      "  b",
    ]);
    expect(layOut(`${quoted} is a value; fix it`)).toBe(`${quoted}\n    is a value;\n  fix it`);
  });

  it("is broken in parentheses only where they alone are longer than a line", () => {
    const inside = "word ".repeat(12).trim();
    const text = `${"word ".repeat(12)}(${inside}; ${inside.slice(0, 9)})`;
    expect(layOut(text)).toContain(`\n    (${inside}; word word)`);
    const lines = layOut(`it is refused (${inside}, ${inside}, ${inside})`).split("\n");
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(maxColumns);
  });

  const word = fc.constantFrom(
    "a",
    "word;",
    "part,",
    `"two words; in quotes"`,
    "(two; words)",
    dev,
    "it:",
    "true",
    "[",
    '"',
  );
  it("says the same on as many lines as it takes, none longer than a line unless one piece is", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
        const text = words.join(" ");
        const laidOut = layOut(text);
        expect(laidOut.replace(/\n +/g, " ")).toBe(text);
        expect(layOut(laidOut)).toBe(laidOut);
        for (const line of laidOut.split("\n")) {
          // An unclosed bracket or quote makes one piece of what is behind it.
          if (line.length > maxColumns) {
            expect(line.trim()).toMatch(/["([]/);
          }
        }
      }),
    );
  });

  it("is compared in tests as it was before", () => {
    const text = `arn "${dev}" is one thing; ${"word ".repeat(20)}another; and the last, after all of that, which is long`;
    const shown = `Diagnostics:\n  pulumi:pulumi:Stack (test):\n    error: ${layOut(text).replaceAll("\n", "\n    ")}\n    warning: x`;
    expect(unfolded(shown)).toContain(`    error: ${text}\n    warning: x`);
  });
});
