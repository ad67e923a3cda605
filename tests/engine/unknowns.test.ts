import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { sample } from "../support/nightly.ts";
import { type Declared, unknownUntil, withoutOptions } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

/** Made in the same run, so that no preview knows what depends on it. */
const helper = { helper: { account: "999999999999" } };

const mappings: Declared = withoutOptions({
  ...helper,
  role: { arn: unknownUntil("helper", "arn:aws:iam::111122223333:role/new"), username: "a" },
  group: { arn: "arn:aws:iam::111122223333:role/b", groups: ["b", unknownUntil("helper", "c")] },
  cluster: { account: "012345678901", cluster: { manifest: unknownUntil("helper", "late.yaml") } },
});
const eks = { arn: "arn:aws:iam::111122223333:role/d", username: "d", cluster: unknownUntil("helper", "e") };

describe.each(sample(variants))("values that are not known in a preview, through the $name", (variant) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
  });
  afterAll(() => project.remove());

  it("make a clean plan, and one up makes them all", async () => {
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
