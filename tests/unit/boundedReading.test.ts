import { describe, expect, it } from "vitest";
import { parseManifest } from "../../provider/cluster/manifest/editManifest.ts";
import { redact } from "../../provider/text/text.ts";
import { listReaders } from "../support/hostile/readers.ts";
import { expectReadWithin, readCases, yamlBombCpuMs, yamlBombs } from "../support/hostile/slowInputs.ts";

const readers = ["lint", "explain", "add", "manifest", "manifest key", "kubeconfig", "ClusterConfig"];

describe.each(readers)("%s", (reader) => {
  it.each(Object.entries(yamlBombs))("reads or refuses %s within its limit", async (bomb, text) => {
    const read = listReaders[reader];
    expect(read).toBeDefined();
    await expectReadWithin([reader, bomb, (list) => read?.(list), () => text], text.length, yamlBombCpuMs);
  });
});

/** The shapes that once took quadratic time, or ended with no sentence. */
const fixedShapes: Readonly<Record<string, readonly string[]>> = {
  "manifest with data": ["many literal keys"],
  kubeconfig: ["many aliases of one anchor", "lists on the line of their key"],
  ClusterConfig: ["merge keys of one map", "many keys", "unknown templates"],
  review: ["one role many times", "one user in many spellings", "one account many times", "many separators in a name"],
  import: ["one role many times", "one role with many names", "unknown templates"],
  migrate: [
    ...["one role many times", "one user in many spellings", "many groups similar to system:masters"],
    ...["many reserved prefixes", "many separators in a name", "different unknown templates"],
  ],
  lint: ["an account, and many keys"],
  add: ["spaces between items in brackets", "spaces after a comment in brackets"],
  record: ["claims of one entry"],
};

const rows = Object.entries(fixedShapes).flatMap(([reader, shapes]) => shapes.map((shape) => [reader, shape] as const));
it.each(rows)("%s reads %s within 5 seconds", async (reader, shape) => {
  const found = readCases.filter(([name, kind]) => name === reader && kind === shape);
  expect(found).toHaveLength(1);
  for (const cell of found) {
    await expectReadWithin(cell, 256 * 1024, 5_000);
  }
});

describe("a YAML text", () => {
  const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";
  const parse = (text: string) => () => parseManifest(manifest + text, "manifest");
  const unfit = "the indentation does not match the lines above it";
  const unresolved = "line 1, column 1: an alias or merge key has no target, or expands too far";

  it.each([
    ["more: *a", unresolved],
    ["more: &a [*a]", unresolved],
    [`more:\n${yamlBombs["a billion laughs"]}`, unresolved],
    [`more: ${"[".repeat(300)}`, "line 6, column 205: lists or maps are nested too deeply"],
    [`#${"x".repeat(5_000_000)}`, "line 1, column 1: it is longer than 4194304 characters"],
    ["more: {a: 1, a: 2}", "line 6, column 14: a key is repeated in a map: keep one of them"],
    ["data:\n  a: 1\n b: 2", `line 8, column 1: ${unfit}, or a bracket is not closed`],
    ["data:\n  a: [1", `line 7, column 8: ${unfit}, or a bracket is not closed`],
    ["data:\n  mapRoles: |\n- rolearn: t0p", `line 8, column 1: ${unfit}, or a value with a colon needs quotes`],
    ["data:\n  a: b: c", `line 7, column 6: ${unfit}, or a value with a colon needs quotes`],
    ["data:\n\ta: 1", "line 7, column 1: a tab is used for indentation: use spaces"],
    ["data:\n  a: 1\n  t0p", "line 8, column 3: a colon, comma, space or closing quote is missing"],
    ["data:\n  a: 't0p", "line 7, column 10: a colon, comma, space or closing quote is missing"],
    ["t0p\ndata: {}", "line 6, column 1: this line is not a field: write NAME: VALUE"],
    ["token: @t0p", "line 6, column 8: a value starts with a reserved character: put it in quotes"],
    [
      'token: "\\q"',
      "line 6, column 9: a backslash in double quotes is not a YAML escape: double it, or use single quotes",
    ],
    ['token: "t0p" t0p', "line 6, column 14: there is unexpected text: remove it, or put the value in quotes"],
    ["more: ]", "line 6, column 7: there is unexpected text: remove it, or put the value in quotes"],
    ["more: &a &b c", "line 6, column 10: this form of YAML is not supported: write plain fields and values"],
  ])("is refused with its position, and not quoted in the message: %#", (text, fault) => {
    const message = `manifest is not valid YAML; ${fault}`;
    expect(parse(text)).toThrow(expect.objectContaining({ code: "notConfigMap", message }));
  });

  it("may use an anchor any number of times, and nest as deeply as a large CustomResourceDefinition", () => {
    expect(parse(`base: &one {a: b, c: [d]}\nuses:\n${"  - *one\n".repeat(500)}`)).not.toThrow();
    expect(parse(`more: ${"[".repeat(100)}${"]".repeat(100)}`)).not.toThrow();
  });
});

describe("redact", () => {
  it.each(["eyJ", "\u001b[", "\u001b]", "X-Amz-Signature=", "-----BEGIN PRIVATE KEY-----", "token: ", "a ", " "])(
    "shortens a text that repeats %j within 1 second",
    async (piece) => {
      const shorten = (text: string) => expect(redact(text).length).toBeLessThan(600);
      await expectReadWithin(["redact", piece, shorten, () => piece.repeat(200_000)], 0, 1_000);
    },
  );
});
