import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";

/** What a company may install without asking its lawyers: SPDX ids of permissive licenses. */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "PSF-2.0",
  "Unlicense",
]);

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
    path === "" || dev === true || isAllowed(license) ? [] : [`${path}: ${license ?? "none"}`],
  );
}

/** One of several is enough; all of several have to be. */
function isAllowed(license: string | undefined): boolean {
  const choices = (license ?? "").replace(/^\((.*)\)$/, "$1").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((id) => allowed.has(id)));
}
