import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packedFiles } from "../../support/consumers/packing.ts";
import { repository } from "../../support/engine/testProject.ts";

/** What a company may install without asking its lawyers. */
const permissive = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

const lock: { packages: Readonly<Record<string, { license?: string; dev?: boolean }>> } = JSON.parse(
  readFileSync(join(repository, "package-lock.json"), "utf8"),
);
/** What the dependencies bring: npm marks what only the development and the peers need. */
const added = Object.entries(lock.packages).filter(([directory, { dev }]) => directory !== "" && dev !== true);

// As `du` counts where a file system has blocks of 4 KiB, as nearly all have.
const onDisk = (size: number) => Math.ceil(size / 4096) * 4096;

describe("what the package adds to an installation of @pulumi/pulumi", () => {
  it("has permissive licenses", () => {
    expect(added.length).toBeGreaterThan(20);
    expect(added.filter(([, { license = "none" }]) => !permissive.includes(license))).toEqual([]);
  });

  it("is at most 35 MiB on disk", async () => {
    const sizes = added.map(([directory]): [string, number] => [directory, sizeOf(join(repository, directory))]);
    const own = (await packedFiles()).files.reduce((sum, { size }) => sum + onDisk(size), 0);
    const largest = sizes.toSorted(([, a], [, b]) => b - a).slice(0, 5);
    const total = sizes.reduce((sum, [, size]) => sum + size, own);
    expect(total, `the largest: ${JSON.stringify(largest)}`).toBeLessThanOrEqual(35 * 2 ** 20);
  });
});

/** The size of a package without the packages inside of it, which the lock lists too. */
function sizeOf(directory: string): number {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .map((entry) => [entry, join(directory, entry.name)] as const)
    .reduce((sum, [entry, path]) => sum + (entry.isDirectory() ? sizeOf(path) : onDisk(statSync(path).size)), 4096);
}
