import { describe, expect, it } from "vitest";
import { closestOf } from "../../provider/text.ts";

describe("closestOf", () => {
  const allowed = ["name", "region", "profile", "roleArn", "kubeconfig", "context", "manifest"];
  it.each([
    ["regoin", "region"],
    ["rolearn", "roleArn"],
    ["kubeConfig", "kubeconfig"],
    ["nmae", "name"],
    ["contxt", "context"],
    ["server", undefined],
    ["x", undefined],
  ])("takes %s for %s", (word, meant) => {
    expect(closestOf(word, allowed)).toBe(meant);
  });
});
