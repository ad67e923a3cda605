import { describe, expect, it } from "vitest";
import { Editor } from "./support/editor.ts";

const editor = new Editor();
const inCluster = (fields: string) =>
  `new awsAuth.IdentityMapping("a", { cluster: { ${fields} }, account: "012345678901" });`;

/** Whatever may be an Input<string> may be an Output as well, whose methods an editor offers everywhere. */
const ofOutputs = ["apply", "get"];
const offered = (program: string) => editor.completions(program).filter((name) => !ofOutputs.includes(name));

describe("in an editor", () => {
  it("a mapping offers its inputs", () => {
    expect(offered('new awsAuth.IdentityMapping("a", { ▮ });')).toEqual([
      "account",
      "adopt",
      "arn",
      "authenticationMode",
      "cluster",
      "groups",
      "noDuplicateARNs",
      "username",
    ]);
  });

  it("a cluster offers the fields of all its forms", () => {
    const ofEks = ["account", "name", "profile", "region", "roleArn"];
    const ofResources = ["arn", "eksCluster"];
    expect(offered(inCluster("▮"))).toEqual([...ofEks, ...ofResources, "context", "kubeconfig", "manifest"].toSorted());
  });

  it("and once its form is known, none that only other forms have", () => {
    const onlyOfEks = ["account", "region", "profile", "roleArn"];
    expect(offered(inCluster('name: "prod", ▮'))).toEqual(expect.arrayContaining(onlyOfEks));
    for (const form of ['manifest: "aws-auth.yaml"', 'context: "prod"']) {
      expect(offered(inCluster(`${form}, ▮`)).filter((name) => onlyOfEks.includes(name))).toEqual([]);
    }
  });

  it.each([
    'name: "prod", region: "eu-west-1", account: "111122223333", profile: "ops", roleArn: "arn:aws:iam::111122223333:role/ops"',
    'kubeconfig: "~/.kube/config", context: "prod"',
    'context: "prod"',
    'manifest: "aws-auth.yaml"',
  ])("{ %s } is a cluster", (fields) => {
    expect(editor.errors(inCluster(fields))).toEqual([]);
  });

  it.each([
    ['name: "prod", manifest: "aws-auth.yaml"', "Types of property 'manifest' are incompatible."],
    ['name: "prod", context: "prod"', "Types of property 'context' are incompatible."],
    ['kubeconfig: "k", manifest: "aws-auth.yaml"', "Types of property 'manifest' are incompatible."],
    ['context: "prod", region: "eu-west-1"', "'region' does not exist in type"],
    ['nmae: "prod"', "'nmae' does not exist in type"],
  ])("{ %s } is none, and the error names what is wrong", (fields, message) => {
    const errors = editor.errors(inCluster(fields));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
  });

  it("every input has a text of its own to show, and so have the resources and functions", () => {
    const inputs = ["cluster", "arn", "account", "username", "groups", "noDuplicateARNs", "adopt"];
    const exported = ["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping", "getIdentityMappings"];
    const programs = [
      ...inputs.map((input) => `const args: awsAuth.IdentityMappingArgs = {}; args.▮${input};`),
      ...exported.map((name) => `awsAuth.▮${name};`),
    ];
    const texts = programs.map((program) => editor.hover(program).split("\n").slice(1).join(" ").trim());
    expect(texts.filter((text) => text.length < 40)).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("over a name", () => {
  it("an editor shows description and example of a class over its constructor, which a comment of the constructor's own would hide", () => {
    for (const name of ["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping"]) {
      const [, ofClass = ""] = editor.hover(`awsAuth.▮${name};`).split(`export ${name}\n`);
      const [, ofConstructor] = editor.hover(`new awsAuth.▮${name}("a", {});`).split(`export ${name}\n`);
      expect(ofClass.length).toBeGreaterThan(100);
      expect(ofClass).toContain(
        `@example \`\`\`ts\nimport * as awsAuth from "pulumi-aws-auth";\n\nnew awsAuth.${name}(`,
      );
      expect(ofConstructor).toBe(ofClass);
    }
  });

  it.each([
    ["the resource that makes a cluster", "const x: awsAuth.▮EksClusterResource;"],
    ["the component that does", "const x: awsAuth.▮EksClusterComponent;"],
    ["a service", "awsAuth.▮ServiceIdentityMapping;"],
  ])("a package's name is no tag in the description of %s", (_title, program) => {
    expect(editor.hover(program)).toMatch(/`@pulumi\/\w+`/);
    expect(editor.hover(program)).not.toMatch(/^@pulumi/m);
  });

  it("says of what a way to name a cluster excludes that it is not allowed", () => {
    expect(editor.hover("declare const args: awsAuth.EksClusterArgs; args.▮manifest;")).toContain(
      "Not allowed with `name`.",
    );
  });

  it("describes each function by itself", () => {
    const first = { getIdentityMappings: "Reads the mappings in aws-auth", getIdentityMappingsOutput: "Like {@link" };
    for (const [name, text] of Object.entries(first)) {
      expect(editor.hover(`awsAuth.▮${name};`)).toContain(`export ${name}\n${text}`);
    }
  });
});
