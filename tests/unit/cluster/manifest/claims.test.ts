import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { editManifest, parseManifest } from "../../../../provider/cluster/manifest/editManifest.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";

const one = "012345678901 - m4c0z organization/infra/prod sandbox";
const other = '111122223333:role/admin 3f9ac1 d81xw:found organization/apps/prod it\'s "quoted": # no';
const both = `${one}\n${other}`;

function edit(text: string, claims: string | null): Promise<string> {
  return editManifest(text, { data: {}, claims }, 'manifest "m.yaml"');
}

/** Each row: what it shows, a manifest, and the same with {@link both} claims. */
const manifests: readonly (readonly [string, string, string])[] = [
  [
    "below the name and namespace",
    "kind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system # here\n# data\ndata: {}\n",
    `kind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system # here\n  annotations:\n    pulumi-aws-auth/claims: |-\n      ${one}\n      ${other}\n# data\ndata: {}\n`,
  ],
  [
    "at the end of the file",
    "kind: ConfigMap\nmetadata:\n    name: aws-auth\n",
    `kind: ConfigMap\nmetadata:\n    name: aws-auth\n    annotations:\n      pulumi-aws-auth/claims: |-\n        ${one}\n        ${other}\n`,
  ],
  [
    "at the end of a file without a final line break",
    "kind: ConfigMap\nmetadata:\n  name: aws-auth",
    `kind: ConfigMap\nmetadata:\n  name: aws-auth\n  annotations:\n    pulumi-aws-auth/claims: |-\n      ${one}\n      ${other}`,
  ],
  [
    "beside other annotations",
    "kind: ConfigMap\nmetadata:\n  annotations: # all\n      a/b: |\n          c\n      # of d\n      d: 'e' # f\n  name: aws-auth\n",
    `kind: ConfigMap\nmetadata:\n  annotations: # all\n      a/b: |\n          c\n      # of d\n      d: 'e' # f\n      pulumi-aws-auth/claims: |-\n          ${one}\n          ${other}\n  name: aws-auth\n`,
  ],
  [
    "in empty braces",
    "kind: ConfigMap\nmetadata:\n  annotations: {} # none\n  name: aws-auth\n",
    `kind: ConfigMap\nmetadata:\n  annotations: {"pulumi-aws-auth/claims": ${JSON.stringify(both)}} # none\n  name: aws-auth\n`,
  ],
  [
    "in empty braces with a space",
    "kind: ConfigMap\nmetadata:\n  annotations: { }\n  name: aws-auth\n",
    `kind: ConfigMap\nmetadata:\n  annotations: {"pulumi-aws-auth/claims": ${JSON.stringify(both)} }\n  name: aws-auth\n`,
  ],
  [
    "where annotations have no value",
    "kind: ConfigMap\nmetadata:\n  annotations:\n  name: aws-auth\n",
    `kind: ConfigMap\nmetadata:\n  annotations: { "pulumi-aws-auth/claims": ${JSON.stringify(both)} }\n  name: aws-auth\n`,
  ],
  [
    "where annotations have a comment and no value",
    "kind: ConfigMap\nmetadata:\n  annotations: # none\n  name: aws-auth\n",
    `kind: ConfigMap\nmetadata:\n  annotations: { "pulumi-aws-auth/claims": ${JSON.stringify(both)} } # none\n  name: aws-auth\n`,
  ],
  [
    "in metadata in braces",
    "kind: ConfigMap\nmetadata: {name: aws-auth, labels: {a: b}}\n",
    `kind: ConfigMap\nmetadata: {name: aws-auth, labels: {a: b}, "annotations": { "pulumi-aws-auth/claims": ${JSON.stringify(both)} }}\n`,
  ],
  [
    "in braces beside others, with a comment",
    "kind: ConfigMap\nmetadata:\n  name: aws-auth\n  annotations: {\n    a: b,  # b\n    c: d  # d\n  }\n",
    `kind: ConfigMap\nmetadata:\n  name: aws-auth\n  annotations: {\n    a: b,  # b\n    c: d,\n    "pulumi-aws-auth/claims": ${JSON.stringify(both)}  # d\n  }\n`,
  ],
  [
    "in JSON",
    '{"kind":"ConfigMap","metadata":{"name":"aws-auth"},"data":{}}',
    `{"kind":"ConfigMap","metadata":{"name":"aws-auth", "annotations": { "pulumi-aws-auth/claims": ${JSON.stringify(both)} }},"data":{}}`,
  ],
  [
    "in JSON that has an empty map of annotations",
    '{"kind":"ConfigMap","metadata":{"name":"aws-auth","annotations":{}},"data":{}}',
    `{"kind":"ConfigMap","metadata":{"name":"aws-auth","annotations":{"pulumi-aws-auth/claims": ${JSON.stringify(both)}}},"data":{}}`,
  ],
  [
    "in JSON over lines",
    '{\n  "kind": "ConfigMap",\n  "metadata": {\n    "name": "aws-auth"\n  }\n}\n',
    `{\n  "kind": "ConfigMap",\n  "metadata": {\n    "name": "aws-auth",\n    "annotations": { "pulumi-aws-auth/claims": ${JSON.stringify(both)} }\n  }\n}\n`,
  ],
  [
    "above other documents",
    "---\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n---\nkind: Secret\n",
    `---\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  annotations:\n    pulumi-aws-auth/claims: |-\n      ${one}\n      ${other}\n---\nkind: Secret\n`,
  ],
];

describe("the record of claims in a manifest", () => {
  it.each(manifests)("comes %s, and leaves the original bytes when it goes", async (_title, before, after) => {
    for (const eol of ["\n", "\r\n"]) {
      const [original, expected] = [before.replaceAll("\n", eol), after.replaceAll("\n", eol)];
      const edited = await edit(original, both);
      expect(edited).toBe(expected);
      expect((await parseManifest(edited, "m"))?.claims).toBe(both);
      expect(await edit(edited, null)).toBe(original);
      expect(await edit(await edit(edited, one), both)).toBe(expected);
    }
  });

  it("gives the original bytes of any manifest, whatever it held in between", async () => {
    const line = fc.stringMatching(/^[!-~]([ -~é開]{0,20}[!-~])?$/);
    const claims = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
    const original = fc.constantFrom(...manifests.flatMap(([, before]) => [before, before.replaceAll("\n", "\r\n")]));
    await fc.assert(
      fc.asyncProperty(original, fc.array(claims, { minLength: 1, maxLength: 3 }), async (text, versions) => {
        let edited = text;
        for (const version of versions) {
          edited = await edit(edited, version);
          expect((await parseManifest(edited, "m"))?.claims).toBe(version);
        }
        expect(await edit(edited, null)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it("goes with the first of several, and from between them", async () => {
    const text = (annotations: string) =>
      `kind: ConfigMap\nmetadata:\n  name: aws-auth\n  annotations:${annotations}\n`;
    const key = "pulumi-aws-auth/claims";
    expect(await edit(text(`\n    ${key}: x\n    # of a\n    a: b`), null)).toBe(text("\n    # of a\n    a: b"));
    expect(await edit(text(` # all\n    ${key}: >\n      x\n      y`), null)).toBe(text(" # all"));
    expect(await edit(text(` {${key}: x, a: b}`), null)).toBe(text(" {a: b}"));
    expect(await edit(text(` {a: b, ${key}: x, c: d}`), null)).toBe(text(" {a: b, c: d}"));
    expect(await edit(text(` {a: b, # b\n    ${key}: x # x\n    }`), null)).toBe(text(" {a: b # b\n    # x\n    }"));
  });

  it("becomes one line a claim again after somebody else's tool wrote it", async () => {
    const text = (claims: string) =>
      `kind: ConfigMap\nmetadata:\n  name: aws-auth\n  annotations:\n    pulumi-aws-auth/claims: ${claims}\n`;
    expect(await edit(text('"a\\nb"'), "a\nc")).toBe(text("|-\n      a\n      c"));
  });

  it("stays as it is where it is not mentioned, and nothing is written where it is the same", async () => {
    for (const [, before, after] of manifests) {
      expect(await editManifest(after, { data: {} }, "m")).toBe(after);
      expect(await edit(after, both)).toBe(after);
      expect(await edit(before, null)).toBe(before);
    }
  });

  it("is set together with the data, also where there is no manifest yet", async () => {
    const data = { mapRoles: "- rolearn: a\n" };
    const edited = await editManifest("", { data, claims: both }, "m");
    expect(await parseManifest(edited, "m")).toMatchObject({ data, claims: both });
  });

  it("is not part of the rest, and other annotations are", async () => {
    const [[, before, after] = [], , , [, othersBefore = ""] = []] = manifests;
    const rest = async (text = "") => (await parseManifest(text, "m"))?.rest;
    expect(await rest(after)).toBe(await rest(before));
    expect(await rest(othersBefore.replace("'e'", "'x'"))).not.toBe(await rest(othersBefore));
  });

  it.each([
    ["annotations that something else refers to", "  annotations: &a\n    x: y\n  labels: *a\n"],
    ["a record with a tag", "  annotations:\n    pulumi-aws-auth/claims: !!binary aGk=\n"],
    ["annotations that are a text", "  annotations: text\n"],
    ["annotations that are a list", "  annotations: [a]\n"],
  ])("is refused for %s", async (_title, body) => {
    await expect(edit(`kind: ConfigMap\nmetadata:\n  name: aws-auth\n${body}`, both)).rejects.toMatchObject({
      code: "notConfigMap",
      message:
        'manifest "m.yaml" cannot be edited in place: metadata.annotations["pulumi-aws-auth/claims"] has an anchor, an alias or a tag, so that an edit would change more than it; write it as a block literal',
    });
  });

  it("is read and written by the store", async () => {
    const cwd = await temporaryDirectory();
    const [, before, after] = manifests[0] ?? [];
    await writeFile(join(cwd, "m.yaml"), before ?? "");
    const settings = settingsOf({ cwd });
    const store = await openStore(await resolveClusterRef({ manifest: "m.yaml" }, settings), settings);
    const base = await store.read();
    expect(base).not.toHaveProperty("claims");
    const written = await store.write({ data: {}, claims: both }, base);
    expect(written.claims).toBe(both);
    expect(await store.read()).toEqual(written);
    expect(after).toContain(one);
    const data = { mapRoles: "[]\n" };
    const kept = await store.write({ data }, written);
    expect(kept).toMatchObject({ data, claims: both });
    expect(await store.read()).toEqual(kept);
    const cleared = await store.write({ data: {}, claims: null }, kept);
    expect(cleared).not.toHaveProperty("claims");
    expect(await store.read()).toEqual(cleared);
  });
});
