import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { create } from "tar";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compareAssets } from "../../rehearsal/compareAssets.ts";

let directory: string;
const [first, second] = ["first", "second"] as const;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "aws-auth-assets-"));
  for (const name of [first, second]) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "sbom.json"), "{}");
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

const compare = () => compareAssets(join(directory, first), join(directory, second));
const write = (asset: string, name: string, content: string | Buffer) =>
  writeFileSync(join(directory, asset, name), content);

/** An archive with a file before and after the one of interest. */
function archive(asset: string, content: string, mtime = 0): void {
  const work = join(directory, `${asset}-work`);
  mkdirSync(work, { recursive: true });
  for (const [name, text] of Object.entries({ a: "a".repeat(600), plugin: content, z: "z" })) {
    writeFileSync(join(work, name), text);
  }
  const file = join(directory, asset, "plugin.tar.gz");
  create({ file, cwd: work, gzip: true, portable: true, mtime: new Date(mtime), sync: true }, ["a", "plugin", "z"]);
}

it("lists equal files with checksum and size", () => {
  archive(first, "same");
  archive(second, "same");
  expect(compare()).toEqual({
    different: [],
    equal: [
      expect.stringMatching(/^[0-9a-f]{64} {2}plugin\.tar\.gz {2}\d+ bytes$/),
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  sbom.json  2 bytes",
    ],
  });
});

it.each([
  ["a changed byte of a member", "2", "plugin, byte 100000"],
  ["a different size of a member", "x".repeat(100_000), "header of plugin, byte 128"],
])("reports %s", (_title, end, place) => {
  const content = "x".repeat(100_000);
  archive(first, `${content}1`);
  archive(second, content + end);
  expect(compare().different).toEqual([`plugin.tar.gz: ${place}`]);
});

it("reports a changed time, a different compression, a changed byte of another file, and a file that only one directory has", () => {
  archive(first, "same");
  archive(second, "same", 1_000_000);
  write(first, "package.tgz", gzipSync("text", { level: 1 }));
  write(second, "package.tgz", gzipSync("text", { level: 9 }));
  write(second, "sbom.json", "{ }");
  write(second, "extra", "");
  expect(compare()).toEqual({
    equal: [],
    different: [
      expect.stringMatching(/^extra: only in .*second$/),
      expect.stringMatching(/^package\.tgz: byte \d+, with equal contents$/),
      expect.stringMatching(/^plugin\.tar\.gz: header of a, byte 1\d\d$/),
      "sbom.json: byte 1",
    ],
  });
});
