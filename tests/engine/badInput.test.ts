import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { badInputFiles, badInputs } from "../support/engine/badInputs.ts";
import { TestProject } from "../support/engine/testProject.ts";

/** One of each way in which the engine prints a problem; tests/unit/lifecycle/check.test.ts has all of them. */
const printed = badInputs.filter(([title]) =>
  [
    "several errors at once, misspelt names among them",
    "a misspelt field of the cluster",
    "no cluster named anywhere",
    "a mapRoles that does not parse",
  ].includes(title),
);

describe("bad input", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create();
    for (const [name, text] of Object.entries(badInputFiles)) {
      await project.write(name, text);
    }
    const cases = Object.fromEntries(badInputs.map(([title, args]) => [title, args]));
    await project.program(`
      const { cluster = { manifest: "aws-auth.yaml" }, ...args } = ${JSON.stringify(cases)}[process.env.CASE];
      new IdentityMapping("dev", { cluster: cluster ?? undefined, ...args });
    `);
  });
  afterAll(() => project.remove());

  it.concurrent.each(printed)(
    "%s fails the preview with one clear line for each error",
    async (title, _args, problems) => {
      const { code, output } = await project.with({ CASE: title }).preview();
      expect(code).not.toBe(0);
      const printedLines = output.split("\n").filter((line) => line.includes("has a problem: "));
      expect(printedLines).toHaveLength(Object.keys(problems).length);
      for (const [property, text] of Object.entries(problems)) {
        const named = property === "" ? "resource 'dev' has a problem" : `property ${property} value `;
        const line = printedLines.find((one) => one.includes(named));
        expect(line?.split("has a problem: ")[1]).toContain(text);
      }
      expect(output).not.toMatch(/^\s+at /m);
    },
  );

  it("is what this table holds", () => {
    expect(printed).toHaveLength(4);
  });

  it("leaves a mapRoles that does not parse as it is, in an up as well", async () => {
    const { code, output } = await project.with({ CASE: "a mapRoles that does not parse" }).up();
    expect(code).not.toBe(0);
    expect(output).toContain('mapRoles in manifest "broken.yaml" cannot be read');
    for (const [name, text] of Object.entries(badInputFiles)) {
      expect(await project.read(name)).toBe(text);
    }
  });
});
