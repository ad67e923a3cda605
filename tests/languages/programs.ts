import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { type PackedPlugin, packedPlugin } from "../support/plugin/packedPlugin.ts";
import { type Language, setUpLimit } from "./language.ts";

/** Programs of one language, in words of its own. */
export interface Programs {
  /** Exports what the function returns for the role `ci`, and how many mappings it returns for an output. */
  readonly functions: string;
  /** Maps `first`; `late`, whose username needs the ID of the first; `there`, elsewhere. */
  readonly values: string;
}

/** What programs can say in every language. */
export function describePrograms(language: Language, { functions, values }: Programs): void {
  describe(`programs in ${language.name}`, () => {
    let packed: PackedPlugin;
    let project: TestProject;

    beforeAll(async () => {
      packed = await packedPlugin();
      project = await TestProject.create({
        ...(await language.options()),
        packedPlugin: packed.tarball,
        config: { "aws-auth:manifest": "aws-auth.yaml" },
      });
      for (const file of ["aws-auth.yaml", "other.yaml"]) {
        await project.write(file, manifestOf(seasonedData));
      }
      await language.setUp(project);
    }, setUpLimit);
    afterAll(async () => {
      await project?.remove();
      await packed?.remove();
    });

    it("call the function, with values and with outputs", async () => {
      await language.write(project, functions);
      expect(await project.up()).toMatchObject({ code: 0 });
      expect(JSON.parse((await project.pulumi("stack", "output", "--json")).output)).toEqual({
        username: "ci",
        groups: ["deployers"],
        position: 3,
        later: 1,
      });
    });

    it("have values that no preview knows, and explicit providers", async () => {
      await language.write(project, values);
      const outcomes = [await project.preview(), await project.up()];
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
      expect(outcomes[0]?.output).toMatch(/username *: \[unknown\]/);
      expect(outcomes[1]?.output).toContain("+ 4 created");
      const [here, there] = [await project.read("aws-auth.yaml"), await project.read("other.yaml")];
      for (const username of ["first", "late-first"]) {
        expect(here).toContain(`username: ${username}\n`);
        expect(there).not.toContain(username);
      }
      expect(there).toContain("username: there\n");
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
      expect(await project.read("other.yaml")).toBe(manifestOf(seasonedData));
    });
  });
}
