import { describe, expect, it } from "vitest";
import { foreignText } from "../../../provider/cluster/text.ts";

describe("foreignText", () => {
  it.each([
    ["several\nlines\t of  text \n", "several lines of text"],
    ["\u001b[31mred\u001b[0m \u001b]0;title\u0007plain\u001b", "red plain"],
    ["right\u202eto\u200bleft", "right to left"],
    ["token k8s-aws-v1.aHR0cHM6Ly9zdHM end", "token <redacted> end"],
    ["Authorization: Bearer abc.def", "Authorization: <redacted>"],
    ["jwt eyJhbGciOi.eyJzdWIi.c2lnbg", "jwt <redacted>"],
    ["https://sts?X-Amz-Signature=0abc&x=1", "https://sts?<redacted>&x=1"],
    ["é 😀 stays", "é 😀 stays"],
  ])("makes %j fit for a message", (text, expected) => {
    expect(foreignText(text)).toBe(expected);
  });

  it("is of bounded length", () => {
    expect(foreignText("x".repeat(10_000))).toBe(`${"x".repeat(500)}…`);
  });
});
