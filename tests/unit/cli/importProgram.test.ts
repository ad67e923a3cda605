import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { importItems } from "../../../cli/import.ts";
import { type ImportSource, renderImport } from "../../../cli/importProgram.ts";
import { findEntries, isEffective, parseMap } from "../../../provider/awsAuthMap/index.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import { anyMap } from "../../support/authenticator/maps.ts";
import { historicData } from "../../support/cli/historicMap.ts";
import { entry, iam } from "../../support/migration/world.ts";
import { cases } from "../../support/nightly.ts";

const arn = iam("role/dev");
const dev = entry(arn, "dev");
type Data = Readonly<Record<string, string>>;

function sourceOf(data: Data, label = "a label", claims?: string): ImportSource {
  return { label, cluster: { name: "prod" }, items: importItems(parseMap(data, undefined, claims)) };
}
const program = (...given: Parameters<typeof sourceOf>) => renderImport(sourceOf(...given), "typescript");
const yaml = (data: Data): Record<string, { type: string; properties: object }> =>
  parse(renderImport(sourceOf(data), "yaml")).resources;
const importFile = (data: Data): { name: string; id: string }[] =>
  JSON.parse(renderImport({ ...sourceOf(data), items: importItems(parseMap(data), "pulumi-import") }, "pulumi-import"))
    .resources;

interface Registered {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Runs a printed program with resources that only record their arguments. */
function run(text: string): Registered[] {
  const registered: Registered[] = [];
  class IdentityMapping {
    constructor(name: string, args: Registered["args"]) {
      registered.push({ name, args });
    }
  }
  runInNewContext(text.replace(/^import .*$/m, ""), { awsAuth: { IdentityMapping } });
  // Objects of another context have other prototypes.
  return JSON.parse(JSON.stringify(registered));
}

describe("the printed program", () => {
  it("runs and shows no code from a hostile map or label", () => {
    const evil = `x\\n*/ \`\${process.exit()}\` \\u2028evil();// \\u202e`;
    const mapRoles = `- rolearn: ${arn}\n  username: "a\\"); evil(\\"\`\${evil()"\n- username: "${evil}"\n- rolearn: "${evil}"\n  username: x\n`;
    const text = program({ mapRoles }, 'manifest "\nevil();\u2028evil();"');
    expect(text).not.toMatch(/[^\n\x20-\x7e]/);
    expect(text.split("\n").filter((line) => line.startsWith("evil"))).toEqual([]);
    expect(run(text)).toEqual([{ name: "dev", args: { cluster: "prod", arn, username: `a"); evil("\`\${evil()` } }]);
    // Pulumi YAML reads ${ as the start of a reference, unless the dollar sign is doubled.
    const properties = { cluster: "prod", arn, username: `a"); evil("\`$\${evil()` };
    expect(yaml({ mapRoles })).toEqual({ dev: { type: "aws-auth:IdentityMapping", properties } });
  });

  it("has the same content in every format, with unique names in any letter case", () => {
    fc.assert(
      fc.property(anyMap, (data) => {
        const registered = run(program(data));
        const names = registered.map(({ name }) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
        const resources = Object.entries(yaml(data));
        expect(resources.map(([name]) => name)).toEqual(registered.map(({ name }) => name));
        const ids = registered.map(({ args }) => String(args["arn"] ?? args["account"]));
        // `pulumi import` refuses an identity with several entries.
        const several = (id: string) => findEntries(parseMap(data), principalKey(id)).filter(isEffective).length > 1;
        expect(importFile(data).map(({ id }) => id)).toEqual(ids.filter((id) => !several(id)));
      }),
      { numRuns: cases(150, 1_000) },
    );
  });

  it("lists the owners of an entry in its comment", () => {
    const line = "111122223333:role/dev stem0000";
    const text = program({ mapRoles: dev }, "x", `${line}.000001 infra/prod admin\n${line}.000002 x\u2028evil();`);
    expect(text).toContain('// Also managed by "infra/prod admin" and "x\\u2028evil();".\nnew awsAuth.');
    expect(run(text)).toHaveLength(1);
  });

  it("names a role after its complete identity if another role has the same name", () => {
    const roles = [iam("role/ci", "1".repeat(12)), iam("role/dev", "1".repeat(12)), iam("role/dev", "2".repeat(12))];
    const names = (all: readonly string[]) =>
      run(program({ mapRoles: all.map((role) => entry(role, "u")).join("") })).map(({ name }) => name);
    const expected = ["ci", "111111111111-role-dev", "222222222222-role-dev"];
    expect(names(roles)).toEqual(expected);
    expect(names(roles.toReversed())).toEqual(expected.toReversed());
  });

  it.each([
    ["an sso entry", "entries with sso are not supported; map the ARN of the role"],
    [
      "a duplicate",
      "mapRoles entry 9 (line 40) takes precedence for this identity, and adopt: true on its resource removes this entry",
    ],
    ["a session's ARN", "is not the ARN of an IAM role or user; use"],
    ["an entry without an ARN", "no identity matches it: it has neither rolearn nor sso"],
    ["a username that is not a string", "neither username nor groups is set"],
    ["a role's path", "the ARN has the role's path, so no session matches it; remove the entry"],
    ["a hidden character", '"a\\u202eb" contains invisible characters'],
  ])("explains why %s is not imported", (_title, reason) => {
    const hidden = entry(iam("role/hidden"), "dev", '"a\\u202eb"');
    expect(program({ ...historicData, mapRoles: historicData.mapRoles + hidden })).toContain(reason);
  });

  it("declares the entry in force of an identity with several entries, and adopts those that have an effect", () => {
    const withPath = program({ mapRoles: dev + entry(iam("role/eng/dev"), "old") });
    expect(run(withPath)).toEqual([{ name: "dev", args: { cluster: "prod", arn, username: "dev" } }]);
    expect(withPath).toContain("the ARN has the role's path, so no session matches it");
    expect(run(program({ mapRoles: entry(arn, "old") + dev }))).toEqual([
      { name: "dev", args: { cluster: "prod", arn, username: "dev", adopt: true } },
    ]);
  });
});
