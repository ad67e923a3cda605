import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { deploymentOf, mappingTypes } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

const [dynamicType, nativeType] = mappingTypes;

const properties = (name: string) => ({
  arn: `arn:aws:iam::111122223333:role/${name}`,
  username: name,
  groups: ["viewers", "developers"],
});

const names = ["dev", "ops"];

/** The same mappings as dynamic resources, and as resources of the plugin, each of which may have been the other before. */
const dynamicProgram = names
  .map((name) => {
    const options = { aliases: [{ type: nativeType }] };
    return `new IdentityMapping("${name}", ${JSON.stringify(properties(name))}, ${JSON.stringify(options)});\n`;
  })
  .join("");
const nativeProgram = names
  .map((name) => {
    const options = { aliases: [{ type: dynamicType }] };
    return `new pulumi.CustomResource("${nativeType}", "${name}", ${JSON.stringify(properties(name))}, ${JSON.stringify(options)});\n`;
  })
  .join("");

describe("a stack that moves between the dynamic resource and the plugin by an alias", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, plugin: true });
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
  });
  afterAll(() => project?.remove());

  /** What the engine keeps of the mappings, without what says which plugin they belong to. */
  async function kept(): Promise<object[]> {
    const { resources = [] } = await deploymentOf(project);
    return resources
      .filter(({ type }) => type === dynamicType || type === nativeType)
      .map(({ id, outputs: { __provider, ...outputs } }) => ({ id, outputs }))
      .toSorted((a, b) => a.id.localeCompare(b.id));
  }

  async function typesKept(): Promise<string[]> {
    const { resources = [] } = await deploymentOf(project);
    return resources.map(({ type }) => type).filter((type) => type.includes("IdentityMapping"));
  }

  /** In the preview and in the update of one run. */
  async function expectNothingToDo(): Promise<void> {
    const { code, output } = await project.pulumi("up", "--yes", "--expect-no-changes");
    expect(code).toBe(0);
    expect(output).not.toMatch(/\bloses\b|removes it/);
  }

  it("stays as it is, in state and map", async () => {
    await project.program(dynamicProgram);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
    const [map, state] = [await project.read("aws-auth.yaml"), await kept()];
    await project.program(nativeProgram);
    await expectNothingToDo();
    expect(await typesKept()).toEqual([nativeType, nativeType]);
    expect([await project.read("aws-auth.yaml"), await kept()]).toEqual([map, state]);
    await project.program(dynamicProgram);
    await expectNothingToDo();
    expect(await typesKept()).toEqual([dynamicType, dynamicType]);
    expect([await project.read("aws-auth.yaml"), await kept()]).toEqual([map, state]);
  });

  it("names the same owner in the claims through either, since the plugin does not know the organization", async () => {
    const owners = async () => (await project.read("aws-auth.yaml")).match(/ test\/test \w+$/gm);
    const dynamic = await owners();
    expect(dynamic).toEqual([" test/test dev", " test/test ops"]);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    await project.program(nativeProgram);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await owners()).toEqual(dynamic);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
  });
});
