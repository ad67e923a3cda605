import { describe, expect, it } from "vitest";
import { serverFingerprint } from "../../../provider/cluster/clusterRef.ts";

describe("serverFingerprint", () => {
  it.each([
    ["https://a.example", "https://A.example/", true],
    ["https://a.example", "https://a.example:443", true],
    ["https://a.example/k8s/c-1", "https://a.example/k8s/c-1/", true],
    ["https://a.example/k8s/c-1", "https://a.example/k8s/c-2", false],
    ["https://a.example", "https://a.example:6443", false],
    ["https://a.example", "http://a.example", false],
    ["https://a.example", "https://b.example", false],
  ])("of %s and %s: the same is %s", (a, b, same) => {
    expect(serverFingerprint(a) === serverFingerprint(b)).toBe(same);
  });

  it("never changes, since states hold it", () => {
    expect(serverFingerprint("https://ABC.gr7.eu-central-1.eks.amazonaws.com")).toBe("abe04014ef36");
  });
});
