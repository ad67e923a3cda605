import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData, seasonedMapRoles, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { expectReadWithin, readCases } from "../support/hostile/slowInputs.ts";
import { unsafeCharacters } from "../support/hostile/texts.ts";
import { foundMappings, withoutOptions } from "../support/variants/declared.ts";
import { type Variant, variants } from "../support/variants/variant.ts";

const map = manifestOf(seasonedData);
const role = (path: string) => `arn:aws:iam::111122223333:role/${path}`;

type Mappings = Readonly<Record<string, object>>;

/** Programs that fail before any write: one preview each. */
const previews: readonly (readonly [title: string, mappings: Mappings, expected: readonly (string | RegExp)[]])[] = [
  [
    "an ARN that is mapped with other content, in another letter case",
    { ci: { arn: role("CI"), groups: ["viewers"] } },
    [
      'property arn value {arn:aws:iam::111122223333:role/CI} has a problem: arn "arn:aws:iam::111122223333:role/CI" is already mapped (mapRoles entry 3: username "ci", groups ["deployers"]); set adopt: true to take it over, or remove the other entry',
    ],
  ],
  [
    "two resources of one program, in another case and with a path",
    { first: { arn: role("dev"), username: "dev" }, second: { arn: role("eng/DEV"), username: "dev" } },
    [
      /arn "arn:aws:iam::111122223333:role\/(dev|DEV)" is also mapped by resource "(first|second)" in this program; remove one of them/,
    ],
  ],
  [
    "an ARN that is mapped without the role path",
    { ci: { arn: role("eng/ci"), groups: ["viewers"] } },
    ['"arn:aws:iam::111122223333:role/ci"', "mapRoles entry 3"],
  ],
  [
    "two resources for one account",
    { first: { account: "012345678901" }, second: { account: "012345678901" } },
    [/account "012345678901" is also mapped by resource "(first|second)" in this program; remove one of them/],
  ],
];

async function projectOn(variant: Variant): Promise<TestProject> {
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
  await project.write("aws-auth.yaml", map);
  return project;
}

describe.each(variants)("duplicates, through the $name", (variant) => {
  it.concurrent.each(previews)("fails the preview of %s", async (_title, mappings, expected) => {
    const project = await projectOn(variant);
    await project.program(variant.program(withoutOptions(mappings)));
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    for (const text of expected) {
      expect(output).toEqual(typeof text === "string" ? expect.stringContaining(text) : expect.stringMatching(text));
    }
    expect(output).not.toMatch(/^\s+at /m);
    expect(await project.read("aws-auth.yaml")).toBe(map);
    await project.remove();
  });
});

describe.each(variants)("an existing entry, through the $name", (variant) => {
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
    const notice = "entries without an owner that are identical to mappings of this program are claimed";
    // Once in the progress output, and once in the final diagnostics.
    expect(up.output.split(notice)).toHaveLength(3);
    expect(splitClaims(await project.read("aws-auth.yaml"))).toEqual({ text: map, claims: 1 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    const without = seasonedMapRoles.replace(/- RoleARN:.*\n.*\n.*\n/, "");
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf({ ...seasonedData, mapRoles: without }));
  });

  it("is adopted in place, together with the entries that it shadows, as the preview shows", async () => {
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

const arn = "arn:aws:iam::111122223333:role/a";
const a = { arn, username: "a", groups: ["g"] };
const b = { arn: "arn:aws:iam::111122223333:role/b", username: "b" };

/** A color, right-to-left text, a control sequence of one character, and a line that looks like an error of the engine. */
const hostile = "x\\u001b[31m\\u202e\\u009b\\nerror: nothing is wrong";

it.each(variants)(
  "escapes control characters of a hostile map in drift and duplicates, through the $name",
  async (variant) => {
    const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
    await project.program(variant.program(withoutOptions({ a })));
    expect(await project.up()).toMatchObject({ code: 0 });
    const changed = `- rolearn: ${arn}\n  username: "${hostile}"\n  groups: ["${hostile}"]\n`;
    const rival = `- rolearn: "ARN:aws:iam::111122223333:role/B"\n  username: "${hostile}"\n`;
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: changed + rival }));
    await project.program(variant.program(withoutOptions({ a, b })));
    const { code, output } = await project.preview(...(variant.readsFirst ? [] : ["--refresh"]));
    expect(code).not.toBe(0);
    expect(output).toContain('"a" => "x\\\\u001b[31m\\\\u202e\\\\u009b\\\\u000aerror: nothing is wrong"');
    expect(output).toContain('username "x\\u001b[31m\\u202e\\u009b\\nerror: nothing is wrong"');
    expect(output).not.toMatch(unsafeCharacters);
    expect(output).not.toMatch(/^error: nothing/m);
    await project.remove();
  },
);

it.each(variants)("reports long texts of emoji, through the $name", async (variant) => {
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
  const long = "😀".repeat(9_000);
  const others = `- rolearn: ${b.arn}\n- rolearn: arn:aws:iam::111122223333:user/c\n  username: "x${long}"\n`;
  await project.write("aws-auth.yaml", manifestOf({ mapRoles: others }));
  await project.program(variant.program(withoutOptions({ a }), { all: foundMappings() }));
  expect(await project.up()).toMatchObject({ code: 0 });
  await project.program(variant.program(withoutOptions({ a, b: { ...b, username: `b${long}` } })));
  const preview = await project.preview();
  expect(preview.code).not.toBe(0);
  expect(preview.output).toContain(`arn "${b.arn}" is already mapped`);
  expect(preview.output).not.toMatch(/invalid UTF-8|terminated|unavailable|panic/);
  await project.remove();
});

/** Milliseconds: a busy machine needs one or two seconds for most readers, and more for those that parse the text several times. */
const timeLimit = 15_000;

/** Tests every n-th cell, so that each shape and each reader has some; 1 tests all of them, which takes an hour. */
const step = Number(process.env["HOSTILE_STEP"] ?? 31);

it.each(readCases.filter((_, index) => index % step === 0))(
  `%s reads 1 MiB of %s within ${timeLimit} ms of CPU time`,
  async (...cell) => {
    await expectReadWithin(cell, 1024 * 1024, timeLimit);
  },
);
