import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rolesNamed } from "../support/doors/declared.ts";
import { doors, urnOf } from "../support/doors/door.ts";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

describe.each(doors)("a replacement that somebody asks for, through the $name", (door) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "" }));
    await project.program(door.program(rolesNamed(["ops", "dev"])));
    expect(await project.up()).toMatchObject({ code: 0 });
  });
  afterAll(() => project?.remove());

  it("leaves the entry where it is, and one line of the record", async () => {
    const { text, claims } = splitClaims(await project.read("aws-auth.yaml"));
    const up = await project.up("--replace", urnOf(door, "dev"));
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+-1 replaced") });
    const after = splitClaims(await project.read("aws-auth.yaml"));
    expect(after.text).toBe(text);
    expect(after.claims).toBe(claims);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("changes a mapping too", async () => {
    await declare("viewers");
    const asked = ["--replace", urnOf(door, "dev")];
    const preview = await project.pulumi("preview", ...asked);
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+-1 to replace") });
    await replaces("viewers", ...asked);
  });

  it("changes a mapping that is tainted", async () => {
    await declare("editors");
    const stack = ["--yes", "--stack", "test"];
    expect(await project.cli("state", "taint", urnOf(door, "dev"), ...stack)).toMatchObject({ code: 0 });
    await replaces("editors");
  });

  async function declare(group: string) {
    const { dev, ...rest } = rolesNamed(["ops", "dev"]);
    await project.program(door.program({ ...rest, dev: { properties: { ...dev?.properties, groups: [group] } } }));
  }

  async function replaces(group: string, ...args: string[]) {
    expect(await project.up(...args)).toMatchObject({ code: 0, output: expect.stringContaining("+-1 replaced") });
    const { text, claims } = splitClaims(await project.read("aws-auth.yaml"));
    expect(text.match(/rolearn/g)).toHaveLength(2);
    expect(text).toMatch(new RegExp(`role/dev\n.*username: dev\n.*groups:\n\\s+- ${group}\n`));
    expect(claims).toBe(2);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  }
});
