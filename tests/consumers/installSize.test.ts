import { describe, expect, it } from "vitest";
import { addedPackages, addedSizes, mostAdded, total, unpackedSize } from "./support/installSize.ts";
import { packedFiles } from "./support/tarball.ts";

describe("what the package adds to an installation of @pulumi/pulumi", () => {
  it("is at most 35 MiB, by what this repository has installed", async () => {
    const sizes = await addedSizes((await packedFiles()).files);
    // What cannot be missing: if the walk loses its way, it finds little.
    expect([...sizes.keys()]).toEqual(
      expect.arrayContaining([
        "",
        "node_modules/yaml",
        "node_modules/@aws-sdk/client-eks",
        "node_modules/@smithy/core",
      ]),
    );
    const largest = [...sizes].toSorted(([, a], [, b]) => b - a).slice(0, 5);
    expect(total(sizes), `the largest: ${JSON.stringify(largest)}`).toBeLessThanOrEqual(mostAdded);
  });

  it("counts each package that others bring, where npm puts it, and none that @pulumi/pulumi brings", () => {
    const locked = {
      "": { dependencies: { a: "1" } },
      "node_modules/a": { dependencies: { b: "1", shared: "2" }, optionalDependencies: { other: "1" } },
      "node_modules/a/node_modules/shared": { dependencies: { c: "1" } },
      "node_modules/b": { dependencies: { shared: "1", a: "1" } },
      "node_modules/c": {},
      "node_modules/dev": {},
      "node_modules/@pulumi/pulumi": { dependencies: { shared: "1" } },
      "node_modules/shared": {},
    };
    expect(addedPackages(locked, "@pulumi/pulumi")).toEqual([
      "node_modules/a",
      "node_modules/b",
      "node_modules/a/node_modules/shared",
      "node_modules/c",
    ]);
  });

  it("is counted in whole blocks, with every directory", () => {
    const files = ["package.json", "dist/sdk/index.js", "dist/sdk/other.js"].map((path) => ({
      path,
      size: 1,
      mode: 0o644,
    }));
    expect(unpackedSize(files)).toBe(6 * 4096);
  });
});
