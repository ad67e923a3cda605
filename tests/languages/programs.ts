import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schema } from "../../provider/plugin/schema/index.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { stateFileOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { type Language, setUpLimit } from "./language.ts";

/** Programs of one language, in words of its own. */
export interface Programs {
  /** The language's name in the schema's examples. */
  readonly inSchema: string;
  /** Exports what both functions say of the role `ci`, and what `explain` says of an output. */
  readonly functions: string;
  /** Maps `first`; `late`, whose username needs the ID of the first; `there`, elsewhere. */
  readonly values: string;
}

// Whatever an example asks of AWS comes to nothing at once.
const closed = {
  AWS_ENDPOINT_URL_EKS: "http://127.0.0.1:1",
  AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1",
  AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_REGION: "eu-central-1",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** What programs can say in every language. */
export function describePrograms(language: Language, { inSchema, functions, values }: Programs): void {
  describe(`programs in ${language.name}`, () => {
    let project: TestProject;

    beforeAll(async () => {
      project = await TestProject.create({
        ...(await language.options()),
        config: { "aws-auth:manifest": "aws-auth.yaml" },
      });
      for (const file of ["aws-auth.yaml", "other.yaml"]) {
        await project.write(file, manifestOf(seasonedData));
      }
      await language.setUp(project);
    }, setUpLimit);
    afterAll(() => project?.remove());

    it("call the functions, with values and with outputs", async () => {
      await language.write(project, functions);
      expect(await project.up()).toMatchObject({ code: 0 });
      expect(JSON.parse((await project.pulumi("stack", "output", "--json")).raw)).toEqual({
        username: "ci",
        groups: ["deployers"],
        position: 3,
        givenBy: "mapRoles entry 3",
        isMapped: true,
      });
    });

    it("have values that no preview knows, and explicit providers", async () => {
      await language.write(project, values);
      const outcomes = [await project.preview(), await project.up()];
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
      expect(outcomes[0]?.raw).toMatch(/username *: \[unknown\]/);
      expect(outcomes[1]?.output).toContain("+ 4 created");
      const [here, there] = [await project.read("aws-auth.yaml"), await project.read("other.yaml")];
      for (const username of ["first", "late-first"]) {
        expect(here).toContain(`"username": "${username}"`);
        expect(there).not.toContain(username);
      }
      expect(there).toContain('"username": "there"');
      const state = await stateFileOf(project);
      outcomes.push(await project.preview("--expect-no-changes"), await project.destroy());
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(state).toContain("late-first");
      expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
      expect(await project.read("other.yaml")).toBe(manifestOf(seasonedData));
    });

    it("are those of the schema's examples", async () => {
      const { resources, functions: calls } = schema("1.2.3");
      // The other component needs the plugin of @pulumi/kubernetes.
      const { "aws-auth:index:ServiceIdentityMapping": _, ...shown } = { ...resources, ...calls };
      const examples = Object.values(shown).map(({ description }) => {
        return new RegExp(`\`\`\`${inSchema}\\n([\\s\\S]*?)\`\`\``).exec(description)?.[1] ?? "";
      });
      expect(examples).toHaveLength(4);
      await project.configure({ "aws-auth:unreachable": "warn" });
      const metadata = { name: "prod", region: "eu-central-1" };
      const item = { arn: "arn:aws:iam::111122223333:role/team", username: "team", groups: ["viewers"] };
      const file = { apiVersion: "eksctl.io/v1alpha5", kind: "ClusterConfig", metadata, iamIdentityMappings: [item] };
      await project.write("cluster.yaml", JSON.stringify(file));
      const [mapping = "", component = "", ...others] = examples;
      for (const [example, plan] of [
        [mapping, "+ 2 to create"],
        [component, "+ 3 to create"],
      ] as const) {
        await language.write(project, example);
        const preview = await project.with(closed).preview();
        expect(preview).toMatchObject({ code: 0, output: expect.stringContaining(plan) });
      }
      for (const example of others) {
        await language.write(project, example);
        const refused = await project.with(closed).preview();
        expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('EKS cluster "prod"') });
      }
    });
  });
}
