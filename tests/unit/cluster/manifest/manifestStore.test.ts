import { spawn } from "node:child_process";
import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";
const manifest = `${head}data:\n  mapRoles: |\n    - rolearn: a # mine\n`;

async function storeOf(content: string | Uint8Array | undefined, name = "aws-auth.yaml") {
  const cwd = await temporaryDirectory();
  const path = join(cwd, name);
  if (content !== undefined) {
    await writeFile(path, content);
  }
  const settings = settingsOf({ cwd });
  const store = await openStore(await resolveClusterRef({ manifest: name }, settings), settings);
  return { store, path, directory: cwd };
}

describe("ManifestStore", () => {
  it("reads the data and a version that is the content's", async () => {
    const { store, path } = await storeOf(manifest);
    const first = await store.read();
    expect(first.data).toEqual({ mapRoles: "- rolearn: a # mine\n" });
    expect(await store.read()).toEqual(first);
    await writeFile(path, `${manifest}\n`);
    expect((await store.read()).version).not.toBe(first.version);
    expect(store.label).toBe('manifest "aws-auth.yaml"');
  });

  it.each([
    ["no namespace", "kind: ConfigMap\nmetadata:\n  name: aws-auth\n", {}],
    ["null values", `${head}data:\n  mapRoles:\n`, { mapRoles: "" }],
    [
      "other documents",
      `kind: Secret\nmetadata:\n  name: x\n---\n${manifest}---\nkind: Namespace\nmetadata:\n  name: y\n`,
      { mapRoles: "- rolearn: a # mine\n" },
    ],
    [
      "JSON",
      '{"kind":"ConfigMap","metadata":{"name":"aws-auth","namespace":"kube-system"},"data":{"a":"b"}}',
      { a: "b" },
    ],
    ["empty documents around it", `---\n${manifest}---\n`, { mapRoles: "- rolearn: a # mine\n" }],
  ])("accepts %s", async (_title, content, data) => {
    const { store } = await storeOf(content);
    expect((await store.read()).data).toEqual(data);
  });

  it.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["a file of comments", "# nothing yet\n"],
  ])("takes %s for a ConfigMap that is still to be made", async (_title, content) => {
    const { store, path } = await storeOf(content);
    const base = await store.read();
    expect(base).toEqual({ data: {}, version: undefined, places: {} });
    const stored = await store.write({ data: { mapRoles: "- a\n" } }, base);
    expect(await readFile(path, "utf8")).toBe(`${content ?? ""}${head}data:\n  mapRoles: |\n    - a\n`);
    expect(await store.read()).toEqual(stored);
  });

  it("writes on the condition of the version, and returns the next one", async () => {
    const { store, path } = await storeOf(manifest);
    const base = await store.read();
    const stored = await store.write({ data: { mapUsers: "[]\n" } }, base);
    expect(stored.data).toEqual({ mapRoles: "- rolearn: a # mine\n", mapUsers: "[]\n" });
    expect(await store.read()).toEqual(stored);
    await expect(store.write({ data: { mapRoles: "x" } }, base)).rejects.toMatchObject({
      code: "conflict",
      message: 'manifest "aws-auth.yaml" was changed by somebody else between the read and the write; run again',
    });
    expect(await readFile(path, "utf8")).toBe(`${manifest}  mapUsers: |\n    []\n`);
  });

  it("finds that a file was made or removed meanwhile", async () => {
    const { store, path } = await storeOf(undefined);
    const none = await store.read();
    await writeFile(path, manifest);
    await expect(store.write({ data: { mapRoles: "x" } }, none)).rejects.toMatchObject({ code: "conflict" });
    const base = await store.read();
    await writeFile(path, "");
    await expect(store.write({ data: { mapRoles: "x" } }, base)).rejects.toMatchObject({ code: "conflict" });
  });

  it("keeps a byte order mark, the file's mode and the link that leads to it, and leaves nothing beside it", async () => {
    const { store, path, directory } = await storeOf(undefined);
    await mkdir(join(directory, "real"));
    const target = join(directory, "real", "file.yaml");
    await writeFile(target, `\ufeff${manifest}`);
    await chmod(target, 0o640);
    await symlink("real/file.yaml", path);
    await store.write({ data: { mapRoles: "- b\n" } }, await store.read());
    expect(await readFile(target, "utf8")).toBe(`\ufeff${head}data:\n  mapRoles: |\n    - b\n`);
    expect((await stat(target)).mode & 0o777).toBe(0o640);
    expect(await readlink(path)).toBe("real/file.yaml");
    expect(await readdir(directory)).toEqual(["aws-auth.yaml", "real"]);
    expect(await readdir(join(directory, "real"))).toEqual(["file.yaml"]);
  });

  it.runIf(process.getuid?.() === 0)(
    "leaves the file to its owner where root writes it, as in a container",
    async () => {
      const { store, path } = await storeOf(manifest);
      await chmod(path, 0o600);
      await chown(path, 1234, 5678);
      await store.write({ data: { mapRoles: "- b\n" } }, await store.read());
      const { uid, gid, mode } = await stat(path);
      expect([uid, gid, mode & 0o777]).toEqual([1234, 5678, 0o600]);
    },
  );

  it("makes the file that a link leads to", async () => {
    const { store, path, directory } = await storeOf(undefined);
    await symlink("file.yaml", path);
    await store.write({ data: { mapRoles: "- b\n" } }, await store.read());
    expect(await readFile(join(directory, "file.yaml"), "utf8")).toContain("- b\n");
    expect((await readdir(directory)).sort()).toEqual(["aws-auth.yaml", "file.yaml"]);
  });

  it("replaces the file in one step, so that a reader never sees half of it", async () => {
    const { store, path, directory } = await storeOf(manifest);
    await link(path, join(directory, "old"));
    await store.write({ data: { mapRoles: "- b\n" } }, await store.read());
    expect(await readFile(join(directory, "old"), "utf8")).toBe(manifest);
  });

  it("takes over the lock of a process that died", async () => {
    const { store, path, directory } = await storeOf(manifest);
    await mkdir(`${path}.lock`);
    await utimes(`${path}.lock`, 1, 1);
    await store.write({ data: { mapRoles: "- b\n" } }, await store.read());
    expect(await readdir(directory)).toEqual(["aws-auth.yaml"]);
  });

  it.each<readonly [what: string, make: (lock: string) => Promise<void>]>([
    ["a file", (lock) => writeFile(lock, "")],
    ["a link", (lock) => symlink(".", lock)],
    [
      "a directory with a file",
      async (lock) => {
        await mkdir(lock);
        await writeFile(join(lock, "x"), "");
        await utimes(lock, 1, 1);
      },
    ],
  ])("says that %s is in the place of the lock", async (_what, make) => {
    const { store, path } = await storeOf(manifest);
    await make(`${path}.lock`);
    await expect(store.write({ data: { mapRoles: "- b\n" } }, await store.read())).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: `manifest "${path}" cannot be locked: "${path}.lock" is not an empty directory, which a lock is; remove it`,
    });
    expect(await readFile(path, "utf8")).toBe(manifest);
  });

  it("writes nothing when the result would be another than wanted", async () => {
    const anchored = `${head}data:\n  mapRoles: &r x\n  copy: *r\n`;
    const { store, path, directory } = await storeOf(anchored);
    await expect(store.write({ data: { mapRoles: "- b\n" } }, await store.read())).rejects.toMatchObject({
      code: "notConfigMap",
      message:
        'manifest "aws-auth.yaml" cannot be edited in place: data.mapRoles has an anchor, an alias or a tag, so that an edit would change more than it; write it as a block literal',
    });
    expect(await readFile(path, "utf8")).toBe(anchored);
    expect(await readdir(directory)).toEqual(["aws-auth.yaml"]);
  });

  it.each([
    [
      "another kind",
      "kind: Secret\nmetadata:\n  name: x\n",
      'manifest "aws-auth.yaml" holds Secret "kube-system/x"; it must hold a ConfigMap named aws-auth in namespace kube-system',
    ],
    [
      "another name",
      "kind: ConfigMap\nmetadata:\n  name: aws-atuh\n  namespace: kube-system\n",
      /holds ConfigMap "kube-system\/aws-atuh"; it must hold/,
    ],
    [
      "another namespace",
      "kind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: default\n",
      /holds ConfigMap "default\/aws-auth"; it must hold/,
    ],
    [
      "no name",
      "kind: ConfigMap\nmetadata:\n  namespace: kube-system\n",
      /holds ConfigMap without metadata.name; it must/,
    ],
    ["no kind", "mapRoles: []\n", /holds a document without a kind/],
    ["a list", "- a\n", /holds a document without a kind/],
    ["two of them", `${manifest}---\n${manifest}`, /holds a ConfigMap named aws-auth in namespace kube-system 2 times/],
    [
      "broken YAML",
      `${head}data: [\n`,
      /is not valid YAML; line \d+, column \d+: the YAML parser reports [A-Z_]+$/,
    ],
    [
      "a key twice",
      `${manifest}  mapRoles: x\n`,
      /is not valid YAML; line 9, column 3: a key is repeated in a map: keep one of them$/,
    ],
    [
      "a list for a text",
      `${head}data:\n  mapRoles:\n    - rolearn: a\n`,
      /has data.mapRoles that is not a string; write it as a block literal \("mapRoles: \|" and the indented lines\)/,
    ],
    ["a number for a text", `${head}data:\n  mapRoles: 1\n`, /data.mapRoles that is not a string/],
    ["a list for the data", `${head}data: []\n`, /data that is not a mapping/],
    ["what is not UTF-8", new Uint8Array([0xff, 0xfe, 0x61]), /is not UTF-8 text/],
  ])("refuses %s", async (_title, content, message) => {
    const { store, path } = await storeOf(content);
    const failure = {
      code: "notConfigMap",
      message: typeof message === "string" ? message : expect.stringMatching(message),
    };
    await expect(store.read()).rejects.toMatchObject(failure);
    await expect(store.write({ data: { mapRoles: "x" } }, { data: {}, version: undefined })).rejects.toMatchObject(
      failure,
    );
    expect(await readFile(path)).toEqual(Buffer.from(content));
  });

  it("names the directory that is missing", async () => {
    const { store, directory } = await storeOf(undefined, "k8s/aws-auth.yaml");
    const failure = {
      code: "clusterUnreachable",
      message: `manifest "k8s/aws-auth.yaml" cannot be read: there is no directory "${directory}/k8s"; create it, or correct the path`,
    };
    await expect(store.read()).rejects.toMatchObject(failure);
    await expect(store.write({ data: { a: "b" } }, { data: {}, version: undefined })).rejects.toMatchObject({
      code: "clusterUnreachable",
    });
  });

  it("refuses a directory", async () => {
    const { store } = await storeOf(undefined, ".");
    await expect(store.read()).rejects.toMatchObject({
      code: "notConfigMap",
      message: expect.stringMatching(/is a directory/),
    });
  });

  it("loses nothing when several processes write at once", { timeout: 60_000 }, async () => {
    const { store, path, directory } = await storeOf(undefined);
    const writers = 4;
    const writes = 15;
    await Promise.all([...Array(writers).keys()].map((writer) => runWriter(path, writer, writes)));
    const keys = Object.keys((await store.read()).data);
    expect(keys).toHaveLength(writers * writes);
    expect(await readdir(directory)).toEqual(["aws-auth.yaml"]);
  });
});

/** Another process that adds keys of its own, and starts again at each conflict. */
async function runWriter(path: string, writer: number, writes: number): Promise<void> {
  const script = join(import.meta.dirname, "writer.mjs");
  const child = spawn(process.execPath, [script, path, String(writer), String(writes)], { stdio: "inherit" });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(0);
}
