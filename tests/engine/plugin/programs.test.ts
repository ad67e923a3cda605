import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData, splitClaims } from "../../support/engine/manifest.ts";
import { deploymentOf, mappingsOf, mappingTypes } from "../../support/engine/state.ts";
import { pluginDirectory, TestProject } from "../../support/engine/testProject.ts";
import { sample } from "../../support/nightly.ts";
import { type Declared, unknownUntil, withoutOptions } from "../../support/variants/declared.ts";
import { outputOf, yamlProgram } from "../../support/variants/programs.ts";
import { variants } from "../../support/variants/variant.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const dev = { arn: role("dev"), username: "dev", groups: ["viewers"] };
const type = "aws-auth:IdentityMapping";
const foreign = manifestOf(seasonedData);

describe("a program with the resource plugin", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create({ language: "yaml" });
    await project.write("aws-auth.yaml", foreign);
    await project.write("other.yaml", foreign);
  });
  afterAll(() => project?.remove());

  const provider = (manifest: string) => ({ type: "pulumi:providers:aws-auth", properties: { manifest } });
  const declare = (resources: object) => project.program(`resources: ${JSON.stringify(resources)}\n`);

  it("fails in the preview for a misspelled setting and a bad value, and reports each", async () => {
    await project.configure({ "aws-auth:manfest": "aws-auth.yaml", "aws-auth:lockoutProtection": "maybe" });
    await project.program(yamlProgram({ dev: { properties: dev } }));
    const preview = await project.preview();
    expect(preview.code).toBe(1);
    expect(preview.output).toContain(
      "property manfest value {aws-auth.yaml} has a problem: aws-auth:manfest is not a valid setting; valid settings: cluster",
    );
    expect(preview.output).toContain(
      'property lockoutProtection value {maybe} has a problem: stack configuration aws-auth:lockoutProtection "maybe" must be one of: error, warn, off',
    );
  });

  it("uses explicit providers for several clusters, and replaces a mapping whose provider changes its cluster", async () => {
    const resources = (manifest: string) => ({
      elsewhere: provider(manifest),
      here: { type, properties: dev },
      there: { type, properties: dev, options: { provider: outputOf("elsewhere") } },
    });
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml" });
    await declare(resources("other.yaml"));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
    for (const file of ["aws-auth.yaml", "other.yaml"]) {
      expect(await project.read(file)).toContain(dev.arn);
    }
    await declare(resources("third.yaml"));
    const preview = await project.preview();
    expect(preview.output).toContain('~ manifest: "other.yaml" => "third.yaml"');
    expect(preview.output).toContain("+-1 to replace");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.read("third.yaml")).toContain(dev.arn);
    expect(await project.read("other.yaml")).toBe(foreign);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(foreign);
  });

  it("fails at the second mapping of a role if two providers share a map, and the role is mapped once", async () => {
    const options = { provider: outputOf("explicit"), dependsOn: [outputOf("first")] };
    await declare({
      explicit: provider("aws-auth.yaml"),
      first: { type, properties: dev },
      second: { type, properties: { ...dev, groups: ["auditors"] }, options },
    });
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 to create") });
    const up = await project.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain(`arn "${dev.arn}" is already mapped (mapRoles entry 5`);
    expect(up.output).toContain('claimed by "test/test first"');
    const { text, claims } = splitClaims(await project.read("aws-auth.yaml"));
    expect([text.split(dev.arn).length - 1, claims]).toEqual([1, 1]);
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it("calls the function of the package", async () => {
    const call = (arn: string) => ({ "fn::invoke": { function: "aws-auth:getIdentityMappings", arguments: { arn } } });
    const found = (arn: string) => `variables: ${JSON.stringify({ found: call(arn) })}\n`;
    await project.program(`${found(role("ci"))}outputs:\n  found: ${outputOf("found")}\n`);
    expect(await project.up()).toMatchObject({ code: 0 });
    const { resources = [] } = await deploymentOf(project);
    const ci = { kind: "role", arn: role("ci"), username: "ci", groups: ["deployers"] };
    const mappings = [{ ...ci, position: 3, isShadowed: false, owners: [] }];
    expect(resources[0]?.outputs).toEqual({ found: { mappings } });
    await project.program(found("nonsense"));
    expect(await project.preview()).toMatchObject({
      code: 1,
      output: expect.stringContaining('arn "nonsense" is not an IAM identity'),
    });
  });

  it("gets a schema that the engine accepts", async () => {
    const got = await project.cli("package", "get-schema", `${pluginDirectory}/pulumi-resource-aws-auth`);
    expect(got.code).toBe(0);
    await project.write("schema.json", got.output.slice(got.output.indexOf("{")));
    expect(await project.cli("schema", "check", "schema.json")).toMatchObject({ code: 0 });
  });
});

it("a stack that moves between SDK and plugin by an alias keeps its state and its map", async () => {
  const [dynamicType, pluginType] = mappingTypes;
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, plugin: true });
  await project.write("aws-auth.yaml", foreign);
  /** The same mappings, with aliases of the other types. */
  const declare = (ofType: string, call: string) => {
    const options = JSON.stringify({
      aliases: mappingTypes.filter((other) => other !== ofType).map((type) => ({ type })),
    });
    const mapping = (name: string) => JSON.stringify({ ...dev, arn: role(name) });
    return project.program(
      ["dev", "ops"].map((name) => `new ${call}"${name}", ${mapping(name)}, ${options});\n`).join(""),
    );
  };
  /** The map and the state, without the output that identifies the plugin and the stems of claims, which follow the type. */
  const found = async () => {
    const stored = (await mappingsOf(project)).map(({ id, outputs: { __provider, ...outputs } }) => ({ id, outputs }));
    const sorted = stored.toSorted((a, b) => a.id.localeCompare(b.id));
    return JSON.stringify([await project.read("aws-auth.yaml"), sorted]).replace(/\b\w{8}\.(?=\w{6}\b)/g, "");
  };
  await declare(dynamicType, "IdentityMapping(");
  expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
  const before = await found();
  for (const [ofType, call] of [
    [pluginType, `pulumi.CustomResource("${pluginType}", `],
    [dynamicType, "IdentityMapping("],
  ] as const) {
    await declare(ofType, call);
    const { code, output } = await project.up();
    expect(code).toBe(0);
    expect(output).toContain("~ 2 updated");
    expect(output).not.toMatch(/\bloses\b|removes it/);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect((await mappingsOf(project)).map((mapping) => mapping.type)).toEqual([ofType, ofType]);
    expect(await found()).toEqual(before);
  }
  expect(await project.destroy()).toMatchObject({ code: 0 });
  expect(await project.read("aws-auth.yaml")).toBe(foreign);
  await project.remove();
});

/** Created in the same run, so previews do not know what depends on it. */
const helper = { helper: { account: "999999999999" } };

const mappings: Declared = withoutOptions({
  ...helper,
  role: { arn: unknownUntil("helper", "arn:aws:iam::111122223333:role/new"), username: "a" },
  group: { arn: "arn:aws:iam::111122223333:role/b", groups: ["b", unknownUntil("helper", "c")] },
  cluster: { account: "012345678901", cluster: { manifest: unknownUntil("helper", "late.yaml") } },
});
const eks = { arn: "arn:aws:iam::111122223333:role/d", username: "d", cluster: unknownUntil("helper", "e") };

describe.each(sample(variants))("values that are unknown in a preview, through the $name", (variant) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
  });
  afterAll(() => project.remove());

  it("cause no errors or warnings, and one up creates all mappings", async () => {
    await project.program(variant.program({ ...mappings, ...withoutOptions({ eks }) }));
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 6 to create") });
    expect(preview.output).not.toContain("04da6b54");
    expect(preview.output).not.toMatch(/(?:error|warning): (?!using pulumi-language-yaml)/);

    await project.program(variant.program(mappings));
    expect(await project.up()).toMatchObject({ code: 0 });
    const map = await project.read("aws-auth.yaml");
    expect(map).toContain("arn:aws:iam::111122223333:role/new");
    expect(map).toMatch(/groups:\n\s+- b\n\s+- c\n/);
    expect(await project.read("late.yaml")).toContain('- "012345678901"');
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });
});
