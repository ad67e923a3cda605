import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendEntry, entriesOf, mapChangesSince, parseMap, removeEntry } from "../../../provider/awsAuthMap/index.ts";
import { editManifest, parseManifest } from "../../../provider/cluster/manifest/editManifest.ts";
import { expectFailure, openCluster, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";

const head =
  "# ours\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth # the map\n  namespace: kube-system\n";
const withRoles = `${head}data:\n  # roles\n  mapRoles: |\n    - rolearn: a # first\n  other: "x"   # kept\n`;
const roles = "- rolearn: a # first\n- rolearn: b\n";

async function edited(text: string, data: Record<string, string>, claims?: string | null): Promise<string> {
  return editManifest(text, { data, ...(claims !== undefined && { claims }) }, "manifest");
}

describe("an edit of a manifest", () => {
  it("replaces the value of a key and keeps every other byte", async () => {
    expect(await edited(withRoles, { mapRoles: roles })).toBe(
      withRoles.replace("    - rolearn: a # first\n", "    - rolearn: a # first\n    - rolearn: b\n"),
    );
  });

  it.each([
    ["in quotes", `${head}data:\n  mapRoles: "[]"\n`],
    ["folded", `${head}data:\n  mapRoles: >\n    []\n`],
    ["without data", head],
    ["with empty data", `${head}data: {}\n`],
    ["with other documents", `kind: Namespace\n---\n${head}---\nkind: Role\n`],
    ["with Windows line breaks", withRoles.replaceAll("\n", "\r\n")],
    ["without a final line break", withRoles.trimEnd()],
    ["that is empty", ""],
    ["with only comments", "# nothing yet\n"],
  ])("sets keys and claims in one %s, and keeps the rest", async (_title, text) => {
    const before = parseManifest(text, "manifest");
    const result = await edited(text, { mapRoles: roles, mapUsers: "[]\n" }, "line one\nline two");
    const after = parseManifest(result, "manifest");
    expect(after).toMatchObject({
      data: { ...before?.data, mapRoles: roles, mapUsers: "[]\n" },
      claims: "line one\nline two",
    });
    for (const comment of text.match(/# \w+/g) ?? []) {
      expect(result).toContain(comment);
    }
    // Kubernetes treats missing annotations as empty.
    const removed = parseManifest(await edited(result, {}, null), "manifest");
    expect(removed?.claims).toBeUndefined();
  });

  it.each(["|", "|-", "|+"])(
    "adds or removes one entry in a block %s, regardless of blank lines around it",
    (header) => {
      const linesOf = (name: string) => [`    - rolearn: ${name}`, `      username: ${name}`];
      const gaps = ["", "\n", "\n    # c\n \n"];
      const ends = ["", "\n", "    \n\n", "    # in\n\n", "\n# out\n"];
      const manifests = gaps.flatMap((gap) =>
        ends.flatMap((end) => ["a", "ab", "abc"].map((names) => ({ gap, end, names }))),
      );
      for (const { gap, end, names } of manifests) {
        const roles = [...names].map((name) => `${linesOf(name).join("\n")}\n`).join(gap);
        const text = `${head}data:\n  mapRoles: ${header}\n${roles}${end}  other: x\n`;
        const map = parseMap(parseManifest(text, "manifest")?.data ?? {});
        for (const entry of [undefined, ...entriesOf(map)]) {
          const { arn = "d" } = entry ?? {};
          const after = entry
            ? removeEntry(map, entry)
            : appendEntry(map, { kind: "role", arn, username: arn, groups: [] });
          const result = editManifest(text, mapChangesSince(after, map) ?? { data: {} }, "manifest");
          const own = ["    []", ...linesOf(arn)];
          const kept = (all: string) => all.split("\n").filter((line) => line.trim() !== "" && !own.includes(line));
          expect(kept(header === "|" ? result : result.replace(/: \|[-+]?$/m, `: ${header}`))).toEqual(kept(text));
          const found = entriesOf(parseMap(parseManifest(result, "manifest")?.data ?? {}));
          expect(found.map((one) => one.arn).join("")).toBe(entry ? names.replace(arn, "") : `${names}d`);
        }
      }
    },
  );

  it("adds new keys as lines and removes them, and keeps every other byte", async () => {
    const own = "    labels: {a: b,   c: d} # kept\n    name: aws-auth\n    # ours\n";
    const text = `\ufeffkind: Role\nrules:   [ ]\n---\nkind: ConfigMap\nmetadata:\n${own}data:\n    mapRoles: "[]"  # none\n\n---\na:   1\n`;
    const added = await edited(text, { mapRoles: "[]", mapUsers: "[]\n" }, "one\ntwo");
    const annotations = "    annotations:\n      pulumi-aws-auth/claims: |-\n        one\n        two\n";
    expect(added).toBe(
      text.replace("aws-auth\n", `aws-auth\n${annotations}`).replace("# none\n", "# none\n    mapUsers: |\n      []\n"),
    );
    const one = await edited(text, {}, "one");
    expect(one).toBe(text.replace("aws-auth\n", `aws-auth\n${annotations.replace("        two\n", "")}`));
    expect(await edited(one, {}, null)).toBe(text);
  });

  it("changes a value in braces", async () => {
    expect(await edited(`${head}data: { mapRoles: "[]", other: x }\n`, { mapRoles: "[ ]" })).toBe(
      `${head}data: { mapRoles: "[ ]", other: x }\n`,
    );
  });

  it.each([
    ["data in braces that gets a key", `${head}data: { other: x }\n`, /write the manifest and the key in block style/],
    ["only braces", '{ "kind": "ConfigMap", "metadata": { "name": "aws-auth" } }\n', /in block style, without braces/],
    [
      "an anchor",
      `${head}data:\n  mapRoles: &all "[]"\n  other: *all\n`,
      /cannot be edited without changing content other than data\.mapRoles;/,
    ],
    ["another object", "kind: Pod\nmetadata: { name: x }\n", /does not contain a ConfigMap named aws-auth in names/],
    [
      "the ConfigMap in a List",
      `kind: List\nitems:\n${head.replace(/^/gm, "    ").replace("    #", "  - #")}\n`,
      /^manifest contains a ConfigMap .* only in a List; move it to a document of its own$/,
    ],
    ["the ConfigMap twice", `${head}---\n${head}`, /contains a ConfigMap .* 2 times; keep one of them$/],
    ["broken YAML", "a: [\n", /is not valid YAML; line \d/],
    ["a list as data", `${head}data: [1]\n`, /has data that does not map keys to strings$/],
    ["a list as a key", `${head}data:\n  mapRoles: []\n`, /has data\.mapRoles that is not a string; write it as a b/],
  ])("is refused for one with %s", async (_title, text, message) => {
    await expectFailure(edited(text, { mapRoles: roles }), "notConfigMap", message);
  });
});

describe("a manifest on disk", () => {
  const storeIn = (cwd: string, manifest = "aws-auth.yaml") => openCluster({ manifest }, { cwd });

  it("is created by the first write", async () => {
    const store = await storeIn(await temporaryDirectory());
    const first = await store.write({ data: { mapRoles: roles } }, await store.read());
    expect(await store.read()).toEqual(first);
  });

  it("keeps its mode and its symbolic link", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "real"));
    const file = join(cwd, "real", "map.yaml");
    await writeFile(file, "", { mode: 0o640 });
    await symlink("real/map.yaml", join(cwd, "aws-auth.yaml"));
    const store = await storeIn(cwd);
    await store.write({ data: { mapRoles: "[]\n" } }, await store.read());
    expect(await readFile(file, "utf8")).toContain("mapRoles: |\n    []\n");
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  it("is refused if it is a dangling link, which a write would replace", async () => {
    const cwd = await temporaryDirectory();
    await symlink("nothing.yaml", join(cwd, "aws-auth.yaml"));
    const message = /is a symbolic link to a missing file; create that file$/;
    await expectFailure((await storeIn(cwd)).read(), "notConfigMap", message);
  });

  it("is not overwritten if it changed after the read", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "aws-auth.yaml");
    await writeFile(file, withRoles);
    const store = await storeIn(cwd);
    const base = await store.read();
    await writeFile(file, `${withRoles}# meanwhile\n`);
    await expectFailure(store.write({ data: { mapRoles: roles } }, base), "conflict");
    expect(await readFile(file, "utf8")).toBe(`${withRoles}# meanwhile\n`);
  });

  it("accepts one of several writes to the same version", async () => {
    const cwd = await temporaryDirectory();
    const store = await storeIn(cwd);
    const base = await store.read();
    const texts = ["a", "b", "c"];
    const writes = texts.map((text) => store.write({ data: { mapRoles: text } }, base));
    const outcomes = await Promise.allSettled(writes);
    const stored = texts.filter((_, index) => outcomes[index]?.status === "fulfilled");
    expect(stored).toHaveLength(1);
    expect((await store.read()).data).toEqual({ mapRoles: stored[0] });
  });

  it.each([
    ["in no directory", "nowhere/map.yaml", "clusterUnreachable", /there is no directory ".*nowhere"; check the path/],
    ["a directory", ".", "notConfigMap", /it is a directory; specify the path to a file with the ConfigMap$/],
  ] as const)("is refused with one sentence if its path is %s", async (_title, manifest, code, message) => {
    const store = await storeIn(await temporaryDirectory(), manifest);
    await expectFailure(store.read(), code, message);
  });
});
