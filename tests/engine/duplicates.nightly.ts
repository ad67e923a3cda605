import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData, seasonedMapRoles, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { type Variant, variants } from "../support/variants/variant.ts";

const map = manifestOf(seasonedData);
const role = (path: string) => `arn:aws:iam::111122223333:role/${path}`;

type Mappings = Readonly<Record<string, object>>;

/** Programs of which none ever gets as far as a write: one preview each. */
const previews: readonly (readonly [title: string, mappings: Mappings, prints: readonly (string | RegExp)[]])[] = [
  [
    "an ARN that the map has with other content, in another letter case",
    { ci: { arn: role("CI"), groups: ["viewers"] } },
    [
      'property arn value {arn:aws:iam::111122223333:role/CI} has a problem: arn "arn:aws:iam::111122223333:role/CI" is already mapped (mapRoles entry 3: username "ci", groups ["deployers"]); set adopt: true to take it over, or remove the other entry',
    ],
  ],
  [
    "two resources of one program, in another case and with a path",
    { first: { arn: role("dev"), username: "dev" }, second: { arn: role("eng/DEV"), username: "dev" } },
    [
      /arn "arn:aws:iam::111122223333:role\/(dev|DEV)" is also mapped by "(first|second)" of this program; keep one of the two/,
    ],
  ],
  [
    "an ARN that the map has without the role path",
    { ci: { arn: role("eng/ci"), groups: ["viewers"] } },
    ['"arn:aws:iam::111122223333:role/ci"', "mapRoles entry 3"],
  ],
  [
    "two resources for one account",
    { first: { account: "012345678901" }, second: { account: "012345678901" } },
    [/account "012345678901" is also mapped by "(first|second)" of this program; keep one of the two/],
  ],
];

async function projectOn(variant: Variant): Promise<TestProject> {
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
  await project.write("aws-auth.yaml", map);
  return project;
}

describe.each(variants)("duplicates, through the $name", (variant) => {
  it.concurrent.each(previews)("fails the preview of %s", async (_title, mappings, prints) => {
    const project = await projectOn(variant);
    await project.program(variant.program(withoutOptions(mappings)));
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    for (const text of prints) {
      expect(output).toEqual(typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text));
    }
    expect(output).not.toMatch(/^\s+at /m);
    expect(await project.read("aws-auth.yaml")).toBe(map);
    await project.remove();
  });
});

describe.each(variants)("an entry that the map has already, through the $name", (variant) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await projectOn(variant);
  });
  afterAll(() => project.remove());

  const declare = (mappings: Mappings) => project.program(variant.program(withoutOptions(mappings)));

  it("is claimed if it has the same content, and is deleted with the resource", async () => {
    await declare({ ci: { arn: role("ci"), username: "ci", groups: ["deployers"] } });
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    const told = "entries that are identical to mappings of this program and have no owner are claimed";
    // Once while the engine works, and once in what it leaves behind.
    expect(up.output.split(told)).toHaveLength(3);
    expect(splitClaims(await project.read("aws-auth.yaml"))).toEqual({ text: map, claims: 1 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    const without = seasonedMapRoles.replace(/- RoleARN:.*\n.*\n.*\n/, "");
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf({ ...seasonedData, mapRoles: without }));
  });

  it("is taken over in place by adopt, with the entries that it shadows, and the plan shows all of it", async () => {
    const shadowed = `- rolearn: ${role("terraform-admin")}\n  username: old\n`;
    await project.write("aws-auth.yaml", manifestOf({ ...seasonedData, mapRoles: shadowed + seasonedMapRoles }));
    await declare({
      tf: { arn: role("terraform-admin"), username: "tf", groups: ["system:masters"], adopt: true },
    });
    const preview = await project.preview();
    expect(preview.output).toContain(
      `adoption of arn "${role("terraform-admin")}": mapRoles entry 1: removed (username "old"); mapRoles entry 5: username "terraform-admin", groups ["system:masters"] => username "tf", groups ["system:masters"]`,
    );
    if (variant.knowsPreviews) {
      expect(preview.output).toContain(
        'mapRoles entry 5: "username \\"terraform-admin\\", groups [\\"system:masters\\"] => username \\"tf\\", groups [\\"system:masters\\"]"',
      );
      expect(preview.output).toContain('mapRoles entry 1: "removed (username \\"old\\")"');
    }
    expect((await project.up()).code).toBe(0);
    const before = /- "groups":[\s\S]*$/;
    const adopted = seasonedMapRoles.replace(
      before,
      `- groups:\n  - system:masters\n  rolearn: ${role("terraform-admin")}\n  username: tf\n`,
    );
    expect(splitClaims(await project.read("aws-auth.yaml"))).toEqual({
      text: manifestOf({ ...seasonedData, mapRoles: adopted }),
      claims: 1,
    });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });
});
