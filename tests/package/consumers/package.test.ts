import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packedFiles, packInto, type Tarball } from "../../support/consumers/packing.ts";
import { repository } from "../../support/engine/testProject.ts";

// The files allowed besides the named ones: code with its types, the plugin's start script, documents and examples.
const kinds = [
  /^dist\/(cli|provider|sdk)\/.*(?<!\.d)\.d\.ts$/,
  /^dist\/(cli|provider|sdk)\/.*\.js$/,
  /^plugin\/pulumi-resource-aws-auth(\.cmd)?$/,
  /^docs\/(?!internals\/).*\.md$/,
  /^examples\//,
];
const schema = "dist/provider/plugin/schema.json";
const named = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json", schema];

/** Licenses that do not need a legal review. */
const permissive = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

const lock: { packages: Readonly<Record<string, { license?: string; dev?: boolean }>> } = JSON.parse(
  readFileSync(join(repository, "package-lock.json"), "utf8"),
);
/** The installed dependencies: npm marks packages that only the development and the peers need with `dev`. */
const added = Object.entries(lock.packages).filter(([directory, { dev }]) => directory !== "" && dev !== true);

// As `du` counts on file systems with blocks of 4 KiB, the common size.
const onDisk = (size: number) => Math.ceil(size / 4096) * 4096;

describe("the packed package", () => {
  let directory: string;
  let tarball: Tarball;
  let content: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "aws-auth-pack-"));
    tarball = await packInto(directory);
    content = new Uint8Array(await readFile(join(directory, tarball.filename)));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("contains only code, types, documents and examples", () => {
    const files = tarball.files.map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(named));
    expect(files.filter((path) => !named.includes(path) && !kinds.some((kind) => kind.test(path)))).toEqual([]);
  });

  it("contains an executable start script", () => {
    const script = tarball.files.find(({ path }) => path === "plugin/pulumi-resource-aws-auth");
    expect((script?.mode ?? 0) & 0o111).toBe(0o111);
  });

  it("contains a declaration file for every module, and a module for every declaration file", () => {
    const modulesWith = (ending: string) =>
      tarball.files.flatMap(({ path }) => (path.endsWith(ending) ? [path.slice(0, -ending.length)] : [])).toSorted();
    expect(modulesWith(".js")).toEqual(modulesWith(".d.ts"));
  });

  it("is smaller than 650 kB", () => {
    expect(tarball.size).toBeLessThan(650_000);
  });

  it("passes publint without messages", async () => {
    const { messages, pkg } = await publint({ pack: { tarball: content.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it("provides types for every kind of import", async () => {
    const result = await checkPackage(createPackageFromTarballData(content));
    expect(result.types && result.problems).toEqual([]);
  });
});

describe("the dependencies of the package", () => {
  it("have permissive licenses", () => {
    expect(added.length).toBeGreaterThan(20);
    expect(added.filter(([, { license = "none" }]) => !permissive.includes(license))).toEqual([]);
  });

  it("take at most 35 MiB on disk, including the package", async () => {
    const sizes = added.map(([directory]): [string, number] => [directory, sizeOf(join(repository, directory))]);
    const own = (await packedFiles()).files.reduce((sum, { size }) => sum + onDisk(size), 0);
    const largest = sizes.toSorted(([, a], [, b]) => b - a).slice(0, 5);
    const total = sizes.reduce((sum, [, size]) => sum + size, own);
    expect(total, `the largest: ${JSON.stringify(largest)}`).toBeLessThanOrEqual(35 * 2 ** 20);
  });
});

/** The size of a package without nested packages, which the lock lists separately. */
function sizeOf(directory: string): number {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .map((entry) => [entry, join(directory, entry.name)] as const)
    .reduce((sum, [entry, path]) => sum + (entry.isDirectory() ? sizeOf(path) : onDisk(statSync(path).size)), 4096);
}
