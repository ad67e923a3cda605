import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rolesNamed } from "../support/doors/declared.ts";
import { doors, urnOf } from "../support/doors/door.ts";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

describe.each(doors)("a requested replacement, through the $name", (door) => {
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

  it("refuses other content at the same time, since nothing shows that the entry is its own", async () => {
    const { dev, ...rest } = rolesNamed(["ops", "dev"]);
    const changed = { properties: { ...dev?.properties, groups: ["viewers"] } };
    await project.program(door.program({ ...rest, dev: changed }));
    const up = await project.up("--replace", urnOf(door, "dev"));
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("is already mapped");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
  });
});
