import { expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { expectReadWithin, readCases } from "../support/hostile/slowInputs.ts";
import { unsafeCharacters } from "../support/hostile/texts.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

const arn = "arn:aws:iam::111122223333:role/a";
const a = { arn, username: "a", groups: ["g"] };
const b = { arn: "arn:aws:iam::111122223333:role/b", username: "b" };

/** A color, right-to-left text, a control sequence of one character, a color command of the engine, and a line that looks like an error of the engine. */
const hostile = "x\\u001b[31m\\u202e\\u009b<{%bogus%}>\\nerror: nothing is wrong";

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
    expect(output).toContain(
      '"a" => "x\\\\u001b[31m\\\\u202e\\\\u009b\\\\u003c{%bogus%}>\\\\u000aerror: nothing is wrong"',
    );
    expect(output).toContain('username "x\\u001b[31m\\u202e\\u009b\\u003c{%bogus%}>\\nerror: nothing is wrong"');
    expect(output).not.toMatch(unsafeCharacters);
    expect(output).not.toMatch(/^error: nothing/m);
    await project.remove();
  },
);

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
