import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packInto, type Tarball } from "../../support/consumers/packing.ts";

// What a file may be: code with its types, the plugin's schema and start script, documents, the manifest and the license.
const kinds = [
  /^dist\/(cli|provider|sdk)\/.*(?<!\.d)\.d\.ts$/,
  /^dist\/(cli|provider|sdk)\/.*\.js$/,
  /^plugin\/pulumi-resource-aws-auth(\.cmd)?$/,
  /^docs\/(?!internals\/).*\.md$/,
  /^examples\//,
];
const schema = "dist/provider/plugin/schema.json";
const named = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json", schema];

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

  it("holds code, types and documents, and nothing else", () => {
    const files = tarball.files.map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(named));
    expect(files.filter((path) => !named.includes(path) && !kinds.some((kind) => kind.test(path)))).toEqual([]);
  });

  it("holds a start script that can be run", () => {
    const script = tarball.files.find(({ path }) => path === "plugin/pulumi-resource-aws-auth");
    expect((script?.mode ?? 0) & 0o111).toBe(0o111);
  });

  it("has types for every module, and a module for all types", () => {
    const modulesWith = (ending: string) =>
      tarball.files.flatMap(({ path }) => (path.endsWith(ending) ? [path.slice(0, -ending.length)] : [])).toSorted();
    expect(modulesWith(".js")).toEqual(modulesWith(".d.ts"));
  });

  it("is small", () => {
    expect(tarball.size).toBeLessThan(650_000);
  });

  it("passes publint without a message", async () => {
    const { messages, pkg } = await publint({ pack: { tarball: content.buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it("gives every kind of import its types", async () => {
    const result = await checkPackage(createPackageFromTarballData(content));
    expect(result.types && result.problems).toEqual([]);
  });
});
