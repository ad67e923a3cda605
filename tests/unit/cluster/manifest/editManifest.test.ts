import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editManifest, parseManifest } from "../../../../provider/cluster/manifest/editManifest.ts";
import { cases } from "../../../support/nightly.ts";

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";
const roles = "- rolearn: arn:aws:iam::111122223333:role/a\n  username: a\n";

/** Each row: what it shows, the text below `head`, the changes, and the text below `head` afterwards. */
const edits: readonly (readonly [string, string, Record<string, string>, string])[] = [
  [
    "replaces the body of a block literal alone",
    "data:\n  mapRoles: |\n    - old\n  other: x\n",
    { mapRoles: roles },
    "data:\n  mapRoles: |\n    - rolearn: arn:aws:iam::111122223333:role/a\n      username: a\n  other: x\n",
  ],
  [
    "keeps comments around and behind a block literal",
    "# top\ndata: # data\n  # roles\n  mapRoles: | # here\n    - old\n  # users\n  mapUsers: |\n    []\n# end\n",
    { mapRoles: "- new\n" },
    "# top\ndata: # data\n  # roles\n  mapRoles: | # here\n    - new\n  # users\n  mapUsers: |\n    []\n# end\n",
  ],
  [
    "keeps the blank lines below a block literal",
    "data:\n  mapRoles: |\n    - old\n\n\n  mapUsers: x\n",
    { mapRoles: "- new\n" },
    "data:\n  mapRoles: |\n    - new\n\n\n  mapUsers: x\n",
  ],
  [
    "keeps the indentation of a block literal",
    "data:\n    mapRoles: |\n          - old\n",
    { mapRoles: "- a\n- b\n" },
    "data:\n    mapRoles: |\n          - a\n          - b\n",
  ],
  [
    "keeps the indentation that a block literal's header gives",
    "data:\n  mapRoles: |4\n       - old\n",
    { mapRoles: "- a\n" },
    "data:\n  mapRoles: |\n      - a\n",
  ],
  [
    "keeps double quotes, with their comment",
    'data:\n  mapRoles: "- old\\n" # roles\n  x: "1"\n',
    { mapRoles: "- new\n" },
    'data:\n  mapRoles: "- new\\n" # roles\n  x: "1"\n',
  ],
  [
    "keeps double quotes over lines, on one line",
    'data:\n  mapRoles: "- old\\n\\\n    - older\\n"\n  x: z\n',
    { mapRoles: "- new\n" },
    'data:\n  mapRoles: "- new\\n"\n  x: z\n',
  ],
  [
    "keeps single quotes",
    'data:\n  mapRoles: \'[{"rolearn":"a"}]\' # CDK\'s\n',
    { mapRoles: '[{"rolearn":"it\'s"}]' },
    "data:\n  mapRoles: '[{\"rolearn\":\"it''s\"}]' # CDK's\n",
  ],
  [
    "turns single quotes that cannot hold a text into a block literal",
    "data:\n  mapRoles: '[]' # none\n",
    { mapRoles: "- a\n" },
    "data:\n  mapRoles: | # none\n    - a\n",
  ],
  [
    "turns empty quotes into a block literal",
    'data:\n  mapRoles: "" # none\n',
    { mapRoles: "- a\n" },
    "data:\n  mapRoles: | # none\n    - a\n",
  ],
  [
    "keeps single quotes in braces",
    "data: {mapRoles: '[]', x: y}\n",
    { mapRoles: "[a]" },
    "data: {mapRoles: '[a]', x: y}\n",
  ],
  [
    "turns a plain text of several lines into a block literal",
    "data:\n  mapRoles: some\n    more\n  x: z\n",
    { mapRoles: "- new\n" },
    "data:\n  mapRoles: |\n    - new\n  x: z\n",
  ],
  [
    "keeps a folded text folded",
    "data:\n  mapRoles: >- # folded\n    - old\n  x: z\n",
    { mapRoles: "- a\n  b: c\n- d\n- e\n\n- f\n\n  g: h\n" },
    "data:\n  mapRoles: > # folded\n    - a\n      b: c\n    - d\n\n    - e\n\n\n    - f\n\n      g: h\n  x: z\n",
  ],
  [
    "turns a folded text into a literal where readers would differ",
    "data:\n  mapRoles: >\n    - old\n  x: z\n",
    { mapRoles: "  - new\n" },
    "data:\n  mapRoles: |2\n      - new\n  x: z\n",
  ],
  [
    "fills a key without a value",
    "data:\n  mapRoles:\n  x: z\n",
    { mapRoles: "- new\n" },
    "data:\n  mapRoles: |\n    - new\n  x: z\n",
  ],
  [
    "fills a key without a value but with a comment",
    "data:\n  mapRoles: # none\n  x: z\n",
    { mapRoles: "- new\n" },
    "data:\n  mapRoles: | # none\n    - new\n  x: z\n",
  ],
  [
    "chomps a text that ends without a line break",
    "data:\n  mapRoles: |\n    - old\n",
    { mapRoles: "[]" },
    "data:\n  mapRoles: |-\n    []\n",
  ],
  [
    "keeps the line breaks that a text ends with",
    "data:\n  mapRoles: |\n    - old\n\n  x: z\n",
    { mapRoles: "- a\n\n\n" },
    "data:\n  mapRoles: |+\n    - a\n\n\n  x: z\n",
  ],
  [
    "tells the indentation of a text that begins with a space",
    "data:\n  mapRoles: |\n    - old\n",
    { mapRoles: "  - a\n" },
    "data:\n  mapRoles: |2\n      - a\n",
  ],
  [
    "double-quotes what a block cannot hold",
    "data:\n  mapRoles: |\n    - old\n  x: z\n",
    { mapRoles: "a\r\n\u0007" },
    'data:\n  mapRoles: "a\\r\\n\\u0007"\n  x: z\n',
  ],
  [
    "double-quotes an empty text",
    "data:\n  mapRoles: | # roles\n    - old\n  x: z\n",
    { mapRoles: "" },
    'data:\n  mapRoles: "" # roles\n  x: z\n',
  ],
  [
    "adds a key in the style of the others",
    "data:\n   mapRoles: |\n      - a\n",
    { mapUsers: "- u\n" },
    "data:\n   mapRoles: |\n      - a\n   mapUsers: |\n      - u\n",
  ],
  [
    "adds a key below the last, above what follows",
    "data:\n  mapRoles: |\n    - a\n\n# below\nimmutable: false\n",
    { mapUsers: "- u\n" },
    "data:\n  mapRoles: |\n    - a\n  mapUsers: |\n    - u\n\n# below\nimmutable: false\n",
  ],
  [
    "adds a key below a text that keeps its line breaks",
    "data:\n  mapRoles: |+\n    - a\n\n",
    { mapUsers: "- u\n" },
    "data:\n  mapRoles: |+\n    - a\n\n  mapUsers: |\n    - u\n",
  ],
  ["adds data where there is none", "", { mapRoles: "- a\n" }, "data:\n  mapRoles: |\n    - a\n"],
  [
    "adds data below nested metadata and above a final comment",
    "# end\n",
    { mapRoles: "- a\n" },
    "data:\n  mapRoles: |\n    - a\n# end\n",
  ],
  [
    "fills data that is empty",
    "data:\nimmutable: false\n",
    { mapRoles: "- a\n" },
    "data:\n  mapRoles: |\n    - a\nimmutable: false\n",
  ],
  [
    "fills data that is {}, with its comment",
    "data: {} # none\nimmutable: false\n",
    { mapRoles: "- a\n" },
    "data: # none\n  mapRoles: |\n    - a\nimmutable: false\n",
  ],
  [
    "fills data that is null, at the end of the file",
    "data: ~",
    { mapRoles: "- a\n" },
    "data:\n  mapRoles: |\n    - a\n",
  ],
  [
    "fills data that holds a comment alone",
    "data: # none\n",
    { mapRoles: "- a\n" },
    "data: # none\n  mapRoles: |\n    - a\n",
  ],
  [
    "edits data in braces",
    'data: {mapRoles: "", "x": y} # c\n',
    { mapRoles: "- a\n" },
    'data: {mapRoles: "- a\\n", "x": y} # c\n',
  ],
  ["adds to data in braces", "data: {x: y}\n", { mapRoles: "- a\n" }, 'data: {x: y, "mapRoles": "- a\\n"}\n'],
  [
    "ends a last line that has no line break",
    'data:\n  x: "1"',
    { mapRoles: "- a\n" },
    'data:\n  x: "1"\n  mapRoles: |\n    - a\n',
  ],
  [
    "leaves a last line without a line break alone",
    "data:\n  mapRoles: |\n    - a\nimmutable: false",
    { mapRoles: "- b\n" },
    "data:\n  mapRoles: |\n    - b\nimmutable: false",
  ],
  [
    "leaves a last block without a line break without one",
    "data:\n  mapRoles: |\n    - a",
    { mapRoles: "- b\n- c\n" },
    "data:\n  mapRoles: |\n    - b\n    - c",
  ],
  [
    "leaves a last line in quotes without a line break without one",
    'data:\n  mapRoles: "- a"',
    { mapRoles: "- b\n" },
    'data:\n  mapRoles: "- b\\n"',
  ],
  [
    "sets several keys",
    "data:\n  mapRoles: |\n    - a\n",
    { mapRoles: "- b\n", mapUsers: "- u\n", mapAccounts: "[]\n" },
    "data:\n  mapRoles: |\n    - b\n  mapUsers: |\n    - u\n  mapAccounts: |\n    []\n",
  ],
  [
    "changes nothing when nothing changes",
    'data: {mapRoles:   "- a\\n"}\n',
    { mapRoles: "- a\n" },
    'data: {mapRoles:   "- a\\n"}\n',
  ],
  [
    "quotes a key that YAML would read as something else",
    "data:\n  x: z\n",
    { no: "1" },
    'data:\n  x: z\n  "no": |-\n    1\n',
  ],
  [
    "leaves the other documents alone",
    "data:\n  mapRoles: |\n    - a\n---\n# next\nkind: Secret\nmetadata: {name: x}\n",
    { mapRoles: "- b\n" },
    "data:\n  mapRoles: |\n    - b\n---\n# next\nkind: Secret\nmetadata: {name: x}\n",
  ],
  [
    "adds data above the next document",
    "---\nkind: Secret\nmetadata: {name: x}\n",
    { mapRoles: "- b\n" },
    "data:\n  mapRoles: |\n    - b\n---\nkind: Secret\nmetadata: {name: x}\n",
  ],
];

describe("editManifest", () => {
  it.each(edits)("%s", async (_title, before, changes, after) => {
    expect(await editManifest(head + before, { data: changes }, "m")).toBe(head + after);
  });

  it.each(edits)("with CRLF, %s", async (_title, before, changes, after) => {
    const crlf = (text: string) => (head + text).replaceAll("\n", "\r\n");
    expect(await editManifest(crlf(before), { data: changes }, "m")).toBe(crlf(after));
  });

  it.each([
    ["a block of LF", "data:\r\n  mapRoles: |\n    - a\n", "data:\r\n  mapRoles: |\n    - b\n    - c\n"],
    [
      "a block of CRLF",
      "data:\n  mapRoles: |\r\n    - a\r\n  x: y\n",
      "data:\n  mapRoles: |\r\n    - b\r\n    - c\r\n  x: y\n",
    ],
    ["a block below its header", "data:\n  mapRoles: |\r\n    - a\n", "data:\n  mapRoles: |\r\n    - b\n    - c\n"],
    ["the line above a new key", "data:\r\n  x: y\n", "data:\r\n  x: y\n  mapRoles: |\n    - b\n    - c\n"],
  ])("writes the line breaks of %s, whatever others the file has", async (_what, before, after) => {
    expect(await editManifest(head + before, { data: { mapRoles: "- b\n- c\n" } }, "m")).toBe(head + after);
  });

  it("reads a file without a final line break as kubectl does, which adds one", async () => {
    const text = `${head}data:\n  mapRoles: |\n    - rolearn: r\n      username: |\n        u`;
    const manifest = await parseManifest(text, "manifest");
    expect(manifest?.data).toEqual({ mapRoles: "- rolearn: r\n  username: |\n    u\n" });
  });

  it("edits a JSON manifest", async () => {
    const before = JSON.stringify(
      { kind: "ConfigMap", metadata: { name: "aws-auth" }, data: { mapRoles: "x" } },
      null,
      2,
    );
    const edited = await editManifest(before, { data: { mapRoles: roles, mapUsers: "- u\n" } }, "m");
    expect(JSON.parse(edited).data).toEqual({ mapRoles: roles, mapUsers: "- u\n" });
    expect(edited).toBe(
      before.replace('"mapRoles": "x"', `"mapRoles": ${JSON.stringify(roles)},\n    "mapUsers": "- u\\n"`),
    );
  });

  it("adds data to a JSON manifest without any", async () => {
    const before = '{"kind":"ConfigMap","metadata":{"name":"aws-auth"}}';
    const edited = await editManifest(before, { data: { mapRoles: roles } }, "m");
    expect(JSON.parse(edited)).toEqual({
      kind: "ConfigMap",
      metadata: { name: "aws-auth" },
      data: { mapRoles: roles },
    });
  });

  it.each(["", "# aws-auth of prod\n", "---\n", "# no line break"])("makes a manifest below %j", async (before) => {
    const edited = await editManifest(before, { data: { mapRoles: roles } }, "m");
    expect(edited.startsWith(before)).toBe(true);
    expect(parse(edited)).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth", namespace: "kube-system" },
      data: { mapRoles: roles },
    });
  });

  it.each([
    ["an anchor that something else refers to", "data:\n  mapRoles: &r |\n    - a\n  copy: *r\n"],
    ["a tag that does not fit", "data:\n  mapRoles: !!binary |\n    aGk=\n"],
    ["a key without a value", "? data\n"],
    ["a data key without a value", "data:\n  ? mapRoles\n"],
  ])("refuses to edit below %s", async (_title, body) => {
    await expect(editManifest(head + body, { data: { mapRoles: "- b\n" } }, 'manifest "m.yaml"')).rejects.toMatchObject(
      {
        code: "notConfigMap",
      },
    );
  });

  it("stores any text under any layout, and nothing else changes", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("- a", "  b", "", " ", "\t", "#c", "---", "...", "%x", "é😀", "\u0085", "\r", "a: b"), {
          maxLength: 6,
        })
        .map((lines) => lines.join("\n")),
    );
    const layout = fc.constantFrom(...edits.map(([, before]) => before));
    await fc.assert(
      fc.asyncProperty(layout, text, fc.boolean(), async (before, value, crlf) => {
        const original = crlf ? (head + before).replaceAll("\n", "\r\n") : head + before;
        const edited = await editManifest(original, { data: { mapRoles: value } }, "m");
        const was = await parseManifest(original, "m");
        const is = await parseManifest(edited, "m");
        expect(is?.data).toEqual({ ...was?.data, mapRoles: value });
        expect(is?.rest).toBe(was?.rest);
        const back = await editManifest(edited, { data: { mapRoles: "- back\n" } }, "m");
        expect((await parseManifest(back, "m"))?.data).toEqual({ ...was?.data, mapRoles: "- back\n" });
      }),
      { numRuns: cases(100, 1_000) },
    );
  });
});
