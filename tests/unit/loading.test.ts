import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { loadOnce, loadOptionalPackage } from "../../provider/loading.ts";
import { temporaryDirectory } from "./cluster/support.ts";

it("a module is loaded when it is first asked for, and once", async () => {
  const load = vi.fn(async () => ({ name: "module" }));
  const module = loadOnce(load);
  expect(load).not.toHaveBeenCalled();
  expect(await Promise.all([module(), module()])).toEqual([{ name: "module" }, { name: "module" }]);
  await module();
  expect(load).toHaveBeenCalledOnce();
});

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
