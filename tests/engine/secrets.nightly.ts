import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainly, secret } from "../support/doors/declared.ts";
import { doors } from "../support/doors/door.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const empty = manifestOf({ mapRoles: "[]\n" });

describe.each(doors)("a secret input, through the $name", (door) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
    await project.write("aws-auth.yaml", empty);
  });
  afterAll(() => project?.remove());

  it("is refused in preview and update, without its value", async () => {
    const mappings = {
      arn: { arn: secret(role("hush")), username: "u" },
      account: { account: secret(secret("444455556666")) },
      username: { arn: role("b"), username: secret("hush-user"), groups: ["viewers"] },
      groups: { arn: role("c"), username: "u", groups: ["viewers", secret("hush-group")] },
    };
    for (const [name, mapping] of Object.entries(mappings)) {
      await project.program(door.program(plainly({ mapping })));
      for (const { code, output } of [await project.preview(), await project.up()]) {
        expect(code).not.toBe(0);
        expect(output).toContain(`'mapping' has a problem: ${name} is secret, but aws-auth is readable by everyone`);
        expect(output).not.toMatch(/hush|444455556666/);
      }
    }
    expect(await project.read("aws-auth.yaml")).toBe(empty);
  });
});
