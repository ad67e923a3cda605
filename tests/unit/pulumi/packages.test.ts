import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadOptionalPackage } from "../../../provider/pulumi/packages.ts";
import { temporaryDirectory } from "../cluster/support.ts";

describe("a package that only some users need", () => {
  it("is found from the program's directory first", async () => {
    const directory = await temporaryDirectory();
    const own = join(directory, "node_modules", "yaml");
    await mkdir(own, { recursive: true });
    await writeFile(join(own, "index.js"), "exports.own = true;");
    expect(loadOptionalPackage("yaml", directory)).toEqual({ own: true });
  });

  it("is found beside this one otherwise", () => {
    expect(loadOptionalPackage("yaml", "/nowhere")).toHaveProperty("parse");
  });

  it("is undefined where neither has it", () => {
    expect(loadOptionalPackage("@pulumi/not-installed", "/nowhere")).toBeUndefined();
  });

  it("fails as it does itself where it is there and cannot be loaded", async () => {
    const directory = await temporaryDirectory();
    const broken = join(directory, "node_modules", "yaml");
    await mkdir(broken, { recursive: true });
    await writeFile(join(broken, "index.js"), "throw new Error('broken');");
    expect(() => loadOptionalPackage("yaml", directory)).toThrow("broken");
  });
});
