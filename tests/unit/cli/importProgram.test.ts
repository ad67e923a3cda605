import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { planImport } from "../../../cli/importPlan.ts";
import { nameResources, renderClusterConfig, renderProgram } from "../../../cli/importProgram.ts";
import { parseDocument } from "../../../provider/document/index.ts";
import { anyMap } from "../../support/authenticator/maps.ts";
import { historicData } from "../../support/cli/historicMap.ts";
import { cases } from "../../support/nightly.ts";

const arn = "arn:aws:iam::111122223333:role/dev";
const program = (data: Readonly<Record<string, string>>, label = "a label") =>
  renderProgram(planImport(parseDocument(data)), { name: "prod" }, label);

interface Registered {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Runs a printed program with resources that only say what they were made from. */
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
  it("declares what the map says, one resource an entry", () => {
    const mapRoles = `- rolearn: ${arn}\n  username: dev\n  groups: [b, a]\n`;
    expect(program({ mapRoles, mapAccounts: '- "012345678901"\n' })).toBe(
      `// Every entry of kube-system/aws-auth in a label, as "pulumi-aws-auth import" found it.
// "pulumi up" imports the entries as they are, and writes only its claims on them.
import * as awsAuth from "pulumi-aws-auth";

const cluster = "prod";

new awsAuth.IdentityMapping("dev", {
  cluster,
  arn: "arn:aws:iam::111122223333:role/dev",
  username: "dev",
  groups: ["b", "a"],
});

new awsAuth.IdentityMapping("account-012345678901", {
  cluster,
  account: "012345678901",
});
`,
    );
  });

  it("cannot be made to run or to show anything else by a hostile map or label", () => {
    const evil = `x\\n*/ \`\${process.exit()}\` \\u2028evil();// \\u202e`;
    const mapRoles = `- rolearn: ${arn}\n  username: "a\\"); evil(\\"\`\${evil()"\n- username: "${evil}"\n- rolearn: "${evil}"\n  username: x\n`;
    const text = program({ mapRoles }, 'manifest "\nevil();\u2028evil();"');
    expect(text).not.toMatch(/[^\n\x20-\x7e]/);
    expect(text.split("\n").filter((line) => line.startsWith("evil"))).toEqual([]);
    expect(run(text)).toEqual([{ name: "dev", args: { cluster: "prod", arn, username: `a"); evil("\`\${evil()` } }]);
  });

  it("is a program whatever the map looks like, with names that differ in any letter case", () => {
    fc.assert(
      fc.property(anyMap, (data) => {
        const names = run(program(data)).map(({ name }) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: cases(150, 1_000) },
    );
  });

  it("allows duplicates only where there are any, and says which entry counts", () => {
    const text = program(historicData);
    const allowing = run(text).filter(({ args }) => args["noDuplicateARNs"] === false);
    expect(allowing.map(({ name }) => name)).toEqual(["dev-role-aws", "DEV-role-aws-2", "dev-role-aws-3"]);
    expect(text).toContain("// Without effect: mapRoles entry 7 (line 33) shadows it.");
  });

  it("says of an entry that others claim who they are, on lines that end where the comment does", () => {
    const mapRoles = `- rolearn: ${arn}\n  username: dev\n`;
    const line = (number: number) => `111122223333:role/dev aaaaaaaa.00000${number}`;
    const document = parseDocument(
      { mapRoles },
      undefined,
      `${line(1)} organization/infra/prod admin\n${line(2)} x\u2028evil();`,
    );
    const text = renderProgram(planImport(document), { name: "prod" }, "a label");
    expect(text).toContain(
      '// Claimed by "organization/infra/prod admin" and "x\\u2028evil();": it is shared from now on.\nnew awsAuth.',
    );
    expect(run(text)).toHaveLength(1);
  });

  it.each([
    ["an sso entry", "An entry with sso is for a permission set"],
    ["an identical duplicate", "It says the same as mapRoles entry 9 (line 40), which is taken over."],
    ["a session's ARN", "is a session of a role"],
    ["an entry without an ARN", "Nobody can match it: it has neither rolearn nor sso."],
    ["a username that is no string", "neither username nor groups are set"],
  ])("says why %s stays as it is", (_title, reason) => {
    expect(program(historicData).replaceAll("\n// ", " ")).toContain(reason);
  });
});

describe("the printed eksctl file", () => {
  it("says the same, in eksctl's words", () => {
    const ref = { kind: "eks", name: "prod", region: "eu-central-1", profile: undefined, roleArn: undefined } as const;
    const file = parse(renderClusterConfig(planImport(parseDocument(historicData)), ref, "a label"));
    expect(file).toMatchObject({ kind: "ClusterConfig", metadata: { name: "prod", region: "eu-central-1" } });
    const items: Record<string, unknown>[] = file.iamIdentityMappings;
    // Two entries are shadowed, and a file names an identity once.
    expect(items).toHaveLength(run(program(historicData)).length - 2);
    expect(items[0]).toEqual({
      arn: "arn:aws:iam::111122223333:role/node-group-1",
      username: "system:node:{{EC2PrivateDNSName}}",
      groups: ["system:bootstrappers", "system:nodes"],
      noDuplicateARNs: true,
    });
    expect(items).toContainEqual({ account: "012345678901" });
  });
});

describe("nameResources", () => {
  const role = (name: string) => ({ kind: "role", arn: name, groups: [] }) as const;
  it("adds only what it takes to tell two apart, and does not depend on the order of others", () => {
    const arns = [
      "arn:aws:iam::1:role/ci",
      "arn:aws:iam::1:role/dev",
      "arn:aws:iam::2:role/dev",
      "arn:aws:iam::1:user/ops",
      "arn:aws:iam::1:role/ops",
    ];
    const names = ["ci", "dev-1", "dev-2", "ops-user", "ops-role"];
    expect(nameResources(arns.map(role))).toEqual(names);
    expect(nameResources(arns.toReversed().map(role))).toEqual(names.toReversed());
  });
});
