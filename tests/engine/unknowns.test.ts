import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

/** A resource made in the same run: no preview knows what it puts out. */
const late = `
class Late extends pulumi.dynamic.Resource {
  constructor(name, value) {
    super({ create: async (inputs) => ({ id: name, outs: { value: inputs.value } }) }, name, { value });
  }
}
const later = (name, value) => pulumi.output(new Late(name, value).id).apply(() => value);
const role = later("role", "arn:aws:iam::111122223333:role/new");
const cluster = later("cluster", "late.yaml");
`;

describe("values that are not known in a preview", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
  });
  afterAll(() => project.remove());

  it("make a clean plan, and one up makes them all", async () => {
    const program = `${late}
      new IdentityMapping("role", { arn: role, username: "a" });
      new IdentityMapping("group", { arn: "arn:aws:iam::111122223333:role/b", groups: ["b", later("group", "c")] });
      new IdentityMapping("cluster", { account: "012345678901", cluster: { manifest: cluster } });
    `;
    await project.program(`${program}
      new IdentityMapping("eks", { arn: "arn:aws:iam::111122223333:role/d", username: "d", cluster: later("eks", "e") });
    `);
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 9 to create") });
    expect(preview.output).not.toContain("04da6b54");
    expect(preview.output).not.toMatch(/error|warning/);

    await project.program(program);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toContain("arn:aws:iam::111122223333:role/new");
    expect(await project.read("late.yaml")).toContain('- "012345678901"');
  });
});
