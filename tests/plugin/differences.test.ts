import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainly } from "../support/doors/declared.ts";
import { doors } from "../support/doors/door.ts";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { outputOf } from "../support/engine/yamlProgram.ts";
import { sample } from "../support/nightly.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const roles = {
  admin: { arn: role("admin"), username: "admin", groups: ["system:masters"] },
  dev: { arn: role("dev"), username: "dev", groups: ["viewers"] },
};
const elsewhere = { cluster: { manifest: "new.yaml" }, account: "012345678901" };
const empty = manifestOf({ mapRoles: "[]\n" });

// Rows of the table in docs/other-languages.md; what differs in drift, an adoption and ignoreChanges, the shared scenarios show. At every
// run the plugin's side, since the suites of the dynamic resource hold the other one.
describe.each(sample(doors))("what differs between the doors, through the $name", (door) => {
  let project: TestProject;
  const config = { "aws-auth:manifest": "aws-auth.yaml" };

  beforeAll(async () => {
    project = await TestProject.create({ config, ...door.options });
    await project.write("aws-auth.yaml", empty);
    await project.program(door.program(plainly(roles)));
    const up = await project.up();
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
  });
  afterAll(() => project?.remove());

  it("either shows what a creation gives, and a new manifest", async () => {
    await project.program(door.program(plainly({ dev: roles.dev, elsewhere })));
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("- 1 to delete") });
    expect(preview.output).toContain("account 012345678901: gains what every authenticated user has");
    expect(preview.output).toContain('manifest "new.yaml" does not exist; "pulumi up" creates it');
  });

  it("a delete of an entry that was changed outside Pulumi uses what was read, or is refused", async () => {
    await project.program(door.program(plainly(roles)));
    expect(await project.up()).toMatchObject({ code: 0 });
    const before = await project.read("aws-auth.yaml");
    await project.write("aws-auth.yaml", before.replace("- viewers", "- auditors"));
    await project.program(door.program(plainly({ admin: roles.admin })));
    const up = await project.up("--diff");
    if (door.readsFirst) {
      expect(up).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
      expect(up.output).toContain('"viewers" => "auditors"');
      expect(await project.read("aws-auth.yaml")).not.toContain(role("dev"));
    } else {
      expect(up.code).not.toBe(0);
      expect(up.output).toContain("was changed outside Pulumi");
      expect(await project.read("aws-auth.yaml")).toContain(role("dev"));
    }
    expect(await project.destroy("--refresh")).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(empty);
  });
});

describe("two providers of one plugin on one map", () => {
  it("do not hear of each other in a preview; the write of the second mapping of a role fails, and nothing is there twice", async () => {
    const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, language: "yaml" });
    await project.write("aws-auth.yaml", empty);
    const mapping = (options: object) => ({ type: "aws-auth:IdentityMapping", properties: roles.dev, options });
    const other = { ...mapping({ provider: outputOf("explicit"), dependsOn: [outputOf("first")] }) };
    const resources = {
      explicit: { type: "pulumi:providers:aws-auth", properties: { manifest: "aws-auth.yaml" } },
      first: mapping({}),
      second: { ...other, properties: { ...roles.dev, groups: ["auditors"] } },
    };
    await project.program(`resources: ${JSON.stringify(resources)}\n`);
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 to create") });
    const up = await project.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain(`arn "${role("dev")}" is already mapped (mapRoles entry 1`);
    expect(up.output).toContain('claimed by "test/test first"');
    const { text, claims } = splitClaims(await project.read("aws-auth.yaml"));
    expect(text.match(/rolearn/g)).toHaveLength(1);
    expect(claims).toBe(1);
    await project.remove();
  });
});
