import { describe, expect, it } from "vitest";
import { lowestPulumi } from "../../consumers/support/lowestVersions.ts";
import { partNames, partsFor } from "../../support/parts/ensureParts.ts";
import { lowestPulumiRecipe } from "../../support/parts/recipes.ts";

describe("the parts of a use", () => {
  it.each(["eksctl", "pulumi-language-go", "pulumi-language-python", "pulumi-lowest", "pulumi-resource-kubernetes"])(
    "have no %s for every run of the tests, which would build it for minutes",
    (name) => {
      expect(partsFor.test).not.toContain(name);
    },
  );

  it("have the peer of the benchmark, and the peer dependencies of the nightly run", () => {
    expect(partsFor.bench).toContain("eksctl");
    expect(partsFor.peers).toEqual(["pulumi-lowest", "pulumi-resource-kubernetes"]);
  });

  it("can all be named, each once", () => {
    expect(partNames.toSorted()).toEqual([
      "authenticator",
      "eksctl",
      "etcd",
      "generate-dotnet",
      "kube-apiserver",
      "pulumi",
      "pulumi-language-go",
      "pulumi-language-python",
      "pulumi-language-yaml",
      "pulumi-lowest",
      "pulumi-resource-kubernetes",
    ]);
  });
});

it("the lowest Pulumi that is built is the one that the peer dependency allows", () => {
  expect(lowestPulumiRecipe.version).toBe(lowestPulumi);
});
