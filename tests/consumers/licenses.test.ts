import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";
import { isPermissive } from "./support/licenses.ts";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly license?: string; readonly dev?: boolean }>>;
}

describe("the license of every package that comes with this one", () => {
  it("is permissive", () => {
    const lock: Lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(refused(lock)).toEqual([]);
  });

  it.each([
    ["GPL-3.0-only", ["node_modules/x: GPL-3.0-only"]],
    ["MIT OR GPL-3.0-only", []],
    ["(MIT AND GPL-3.0-only)", ["node_modules/x: (MIT AND GPL-3.0-only)"]],
    [undefined, ["node_modules/x: none"]],
  ])("%s is judged as it reads", (license, refusals) => {
    const entry = license === undefined ? {} : { license };
    expect(refused({ packages: { "": {}, "node_modules/x": entry } })).toEqual(refusals);
    expect(refused({ packages: { "node_modules/x": { ...entry, dev: true } } })).toEqual([]);
  });
});

/** Packages that are installed with this one and whose license is not allowed. */
function refused({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { license, dev }]) =>
    path === "" || dev === true || isPermissive(license) ? [] : [`${path}: ${license ?? "none"}`],
  );
}
