import { expect, it, onTestFinished } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { outputOf } from "../support/engine/yamlProgram.ts";

const type = "aws-auth:IdentityMapping";
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const empty = manifestOf({ mapRoles: "[]\n" });

it("an explicit provider whose cluster is not known in a preview says what the update will do", async () => {
  const project = await TestProject.create({ language: "yaml" });
  onTestFinished(() => project.remove());
  for (const name of ["a.yaml", "b.yaml"]) {
    await project.write(name, empty);
  }
  const use = (manifest: unknown, more: object = {}) => {
    const own = { type: "pulumi:providers:aws-auth", properties: { manifest } };
    const dev = { type, properties: { arn: role("dev"), username: "dev" }, options: { provider: outputOf("own") } };
    return project.program(`resources: ${JSON.stringify({ ...more, own, dev })}\n`);
  };
  const made = (account: string) => ({
    helper: { type, properties: { account, cluster: { manifest: "other.yaml" } } },
  });
  const late = (path: string) => {
    const nothing = { "fn::select": [0, { "fn::split": ["manifest", outputOf("helper.id")] }] };
    return { "fn::join": ["", [path, nothing]] };
  };
  await use("a.yaml");
  expect(await project.up()).toMatchObject({ code: 0 });

  await use(late("./a.yaml"), made("111122223333"));
  const preview = await project.preview();
  expect(preview).toMatchObject({ code: 0 });
  expect(preview.output).toContain("manifest not known yet: this preview replaces the provider and its mappings");
  const before = await project.read("a.yaml");
  expect((await project.up()).output).not.toMatch(/replaced|deleted/);
  expect(await project.read("a.yaml")).toBe(before);

  await use(late("b.yaml"), made("444455556666"));
  expect(await project.preview()).toMatchObject({ code: 0 });
  expect(await project.up()).toMatchObject({ code: 0 });
  expect(await project.read("a.yaml")).toBe(empty);
  expect(await project.read("b.yaml")).toContain(role("dev"));
});
