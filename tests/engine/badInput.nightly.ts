import { describe, expect, it } from "vitest";
import { plainly } from "../support/doors/declared.ts";
import { dynamicDoor } from "../support/doors/door.ts";
import { type BadInput, badInputFiles, badInputs } from "../support/engine/badInputs.ts";
import { TestProject } from "../support/engine/testProject.ts";

/** One of each way in which the engine prints a problem; tests/support/engine/badInputs.ts has all of them. */
const printed = badInputs.filter(([title]) =>
  [
    "several errors at once, misspelt names among them",
    "a misspelt field of the cluster",
    "no cluster named anywhere",
    "a mapRoles that does not parse",
  ].includes(title),
);

describe("bad input, through the dynamic resource", () => {
  it.concurrent.each(printed)(
    "%s fails the preview with one clear line for each error",
    async (_title, args, problems) => {
      const project = await projectOf(args);
      const { code, output } = await project.preview();
      expect(code).not.toBe(0);
      const printedLines = output.split("\n").filter((line) => line.includes("has a problem: "));
      expect(printedLines).toHaveLength(Object.keys(problems).length);
      for (const [property, text] of Object.entries(problems)) {
        // The value of a misspelt input may be secret, so it is not printed.
        const isPrinted = property in args && !text.includes("is not an input");
        const named = isPrinted ? `property ${property} value ` : "resource 'dev' has a problem: ";
        const lines = printedLines.filter((one) => one.includes(named)).join("\n");
        expect(lines).toContain(text);
      }
      expect(output).not.toMatch(/^\s+at /m);
      await project.remove();
    },
  );

  it("leaves a mapRoles that does not parse as it is, in an up as well", async () => {
    const [, args = {}] = printed.find(([title]) => title === "a mapRoles that does not parse") ?? [];
    const project = await projectOf(args);
    const { code, output } = await project.up();
    expect(code).not.toBe(0);
    expect(output).toContain('mapRoles in manifest "broken.yaml" cannot be read');
    for (const [name, text] of Object.entries(badInputFiles)) {
      expect(await project.read(name)).toBe(text);
    }
    await project.remove();
  });
});

it("bad input is what the table holds", () => {
  expect(printed).toHaveLength(4);
});

async function projectOf(input: BadInput[1]): Promise<TestProject> {
  const project = await TestProject.create(dynamicDoor.options);
  for (const [name, text] of Object.entries(badInputFiles)) {
    await project.write(name, text);
  }
  const { cluster = { manifest: "aws-auth.yaml" }, ...args } = { ...input } as { cluster?: unknown };
  await project.program(dynamicDoor.program(plainly({ dev: { ...args, ...(cluster !== null && { cluster }) } })));
  return project;
}
