import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { AwsAuthError } from "../../../provider/errors.ts";
import { printable } from "../../../provider/text/text.ts";
import { runHere as run } from "../../support/cli/runHere.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { hostileTexts, obeyed } from "../../support/hostile/texts.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf } from "../cluster/support.ts";

const texts = Object.values(hostileTexts);

/** A string as YAML has it, with nothing raw in it. */
const yaml = (text: string) =>
  `"${[...JSON.stringify(text).slice(1, -1)]
    .flatMap((character) => character.split(""))
    .map((unit) => (/[\x20-\x7e]/.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`))
    .join("")}"`;

const arn = (index: number) => `arn:aws:iam::111122223333:role/r${index}`;

/** Every text in every place of a map where a string can stand. */
const mapRoles = [...texts, "plain"]
  .map(
    (text, index) =>
      `- rolearn: ${arn(index)}\n  username: ${yaml(text)}\n  groups: [${yaml(text)}]\n  ${yaml(text)}: x\n` +
      `- rolearn: ${yaml(`${arn(index)}${text}`)}\n  username: u${index}\n` +
      `- sso: {permissionSetName: ${yaml(text)}, accountID: ${yaml(text)}, partition: ${yaml(text)}}\n`,
  )
  .join("");
const mapAccounts = texts.map((text) => `- ${yaml(text)}\n`).join("");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "aws-auth-"));
  writeFileSync(join(directory, "map.yaml"), manifestOf({ mapRoles, mapAccounts }));
});
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string) => join(directory, name);

describe("a hostile map", () => {
  it.each([
    ["get"],
    ["get", "-o", "json"],
    ["get", "-o", "yaml"],
    ["lint"],
    ["lint", "-o", "json"],
    ["explain", arn(0)],
    ["explain", `${arn(0)}\u001b[31m`],
    ["import"],
    ["import", "-o", "yaml"],
    ["import", "-o", "pulumi-import"],
  ])("gets nothing that a terminal obeys out of %s", async (...args) => {
    const { out, err } = await run(...args, "--manifest", file("map.yaml"));
    expect(out + err).not.toMatch(obeyed);
    expect(out + err).toMatch(/\\(?:u001b|e)\[31m/);
  });

  it("is still printed in full if a program reads it", async () => {
    const { out: json } = await run("get", "-o", "json", "--manifest", file("map.yaml"));
    const { out: text } = await run("get", "-o", "yaml", "--manifest", file("map.yaml"));
    const entries: { username?: string; account?: string }[] = JSON.parse(json);
    for (const hostile of texts) {
      expect(entries).toContainEqual(expect.objectContaining({ username: hostile, groups: [hostile] }));
      expect(entries).toContainEqual({ account: hostile });
    }
    expect(parse(text)).toEqual(entries);
  });

  it("cannot break out of the literals and comments of the program that import prints", async () => {
    const { out } = await run("import", "--manifest", file("map.yaml"));
    const { diagnostics } = ts.transpileModule(out, { reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
    const source = ts.createSourceFile("index.ts", out, ts.ScriptTarget.Latest, true);
    const kinds = source.statements.map(({ kind }) => ts.SyntaxKind[kind]);
    expect(new Set(kinds)).toEqual(new Set(["ImportDeclaration", "FirstStatement", "ExpressionStatement"]));
    for (const statement of source.statements.filter(ts.isExpressionStatement)) {
      const { expression } = statement;
      expect(ts.isNewExpression(expression) && expression.expression.getText()).toBe("awsAuth.IdentityMapping");
      const literals = ts.isNewExpression(expression) ? (expression.arguments ?? []) : [];
      expect(literals.map((argument) => ts.SyntaxKind[argument.kind])).toEqual([
        "StringLiteral",
        "ObjectLiteralExpression",
      ]);
    }
  });

  it("cannot break out of the YAML that import prints", async () => {
    const { out } = await run("import", "-o", "yaml", "--manifest", file("map.yaml"));
    const program: { resources: Record<string, { properties: object }> } = parse(out);
    expect(Object.keys(program)).toEqual(["name", "runtime", "resources"]);
    const keys = new Set(Object.values(program.resources).flatMap(({ properties }) => Object.keys(properties)));
    expect([...keys].toSorted()).toEqual(
      ["account", "adopt", "arn", "cluster", "groups", "username"].filter((key) => keys.has(key)),
    );
  });
});

describe("a hostile file", () => {
  const all = texts.join(" ");
  it.each([
    ["another kind of manifest", "--manifest", `kind: ${yaml(all)}\nmetadata: {name: ${yaml(all)}}\n`],
    ["a key of a manifest", "--manifest", manifestOf({}).replace("\ndata:", `\ndata:\n  ${yaml(all)}: [1]`)],
    ["a manifest that is not YAML", "--manifest", "a: b: \u001b[31m\u202e\u009b\n"],
    [
      "a kubeconfig's names",
      "--kubeconfig",
      JSON.stringify({
        clusters: [{ name: all, cluster: { server: "https://127.0.0.1:9", "insecure-skip-tls-verify": true } }],
        users: [{ name: all, user: { exec: { command: `/${all}`, installHint: all } } }],
        contexts: [{ name: all, context: { cluster: all, user: all } }],
        "current-context": all,
      }),
    ],
    [
      "a kubeconfig's server",
      "--kubeconfig",
      JSON.stringify({
        clusters: [{ name: all, cluster: { server: all } }],
        contexts: [{ name: all, context: { cluster: all } }],
        "current-context": all,
      }),
    ],
  ])("gets nothing that a terminal obeys out of an error: %s", async (_title, option, text) => {
    writeFileSync(file("hostile"), text);
    const { out, err } = await run("get", option, file("hostile"));
    expect(err).toMatch(/^(?:warning: .*\n)?error: .*\n$/);
    expect(err).not.toContain("this is a bug");
    expect(out + err).not.toMatch(obeyed);
  });

  it("nor a file's own name", async () => {
    const { err } = await run("get", "--manifest", file("no\u001b[31m\u202e"));
    expect(err).toMatch(/^error: there is no file ".*no\\u001b\[31m\\u202e"/);
    expect(err).not.toMatch(obeyed);
  });
});

describe("a hostile API server", () => {
  it("gets nothing that a terminal obeys out of its refusal", async () => {
    const message = texts.join(" ");
    const server = await startApiServer({});
    server.tricks.push({ status: 403, body: { kind: "Status", message, reason: message, details: { name: message } } });
    writeFileSync(file("kubeconfig"), kubeconfigOf({ x: server.url }));
    const { err } = await run("get", "--kubeconfig", file("kubeconfig"));
    expect(err).toMatch(/\n?error: .* refuses to get kube-system\/aws-auth .*red.*\n$/);
    expect(err).not.toMatch(obeyed);
  });
});

describe("every message of this package", () => {
  it.each(Object.entries(hostileTexts))("shows %s as an escape", (_title, text) => {
    expect(new AwsAuthError("rejected", text).message.replaceAll("\n", "")).not.toMatch(obeyed);
    expect(printable(text)).not.toMatch(/[^\x20-\x7e]/);
    // The escapes are those of JSON: nothing is lost.
    expect(JSON.parse(`"${printable(text.replaceAll('"', ""))}"`)).toBe(text.replaceAll('"', ""));
  });
});
