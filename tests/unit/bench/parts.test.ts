import { describe, expect, it } from "vitest";
import { partNames, partsFor } from "../../support/parts/ensureParts.ts";

describe("the parts of a use", () => {
  it("have eksctl for the benchmark, and not for the tests, which would build it for minutes", () => {
    expect(partsFor.bench).toContain("eksctl");
    expect(partsFor.test).not.toContain("eksctl");
  });

  it("can all be named, each once", () => {
    expect(partNames.toSorted()).toEqual(["authenticator", "eksctl", "etcd", "kube-apiserver", "pulumi"]);
  });
});
