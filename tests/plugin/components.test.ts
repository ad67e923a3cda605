import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { deploymentOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { outputOf } from "../support/engine/yamlProgram.ts";

const clusterConfig = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: { name: prod, region: eu-central-1 }
iamIdentityMappings:
  - { arn: "arn:aws:iam::111122223333:role/dev", username: dev, groups: [viewers] }
  - { arn: "arn:aws:iam::111122223333:user/bob", username: bob, groups: [oncall] }
`;

describe("the component IdentityMappings in a YAML program", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create({ language: "yaml", config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
    await project.write("cluster.yaml", clusterConfig);
  });
  afterAll(() => project?.remove());

  const cluster = { manifest: "aws-auth.yaml" };
  const ops = { arn: "arn:aws:iam::111122223333:role/ops", username: "ops", groups: ["viewers"] };
  const program = (team: object) =>
    project.program(
      `resources: ${JSON.stringify({
        team: { type: "aws-auth:IdentityMappings", properties: team },
        ops: { type: "aws-auth:IdentityMapping", properties: ops, options: { dependsOn: [outputOf("team")] } },
      })}\noutputs: ${JSON.stringify({ who: outputOf("team.mappings[1].username") })}\n`,
    );

  it("makes the items of a file in the program's directory, with the provider of the program's own mappings", async () => {
    await program({ file: "cluster.yaml", cluster });
    const up = await project.pulumi("up", "--yes");
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 to create") });
    expect(up.output).toContain("+ 5 created");
    const { resources = [] } = await deploymentOf(project);
    const mappings = resources.filter(({ type }) => type === "aws-auth:index:IdentityMapping");
    const component = "urn:pulumi:test::test::aws-auth:index:IdentityMappings::team";
    // What depends on the component is made after its mappings.
    expect(mappings.at(-1)?.urn).toMatch(/test::aws-auth:index:IdentityMapping::ops$/);
    expect(mappings.map(({ parent }) => parent).slice(0, 2)).toEqual([component, component]);
    expect(new Set(mappings.map(({ provider }) => provider)).size).toBe(1);
    expect(resources[0]?.outputs).toEqual({ who: "bob" });
  });

  it("adds an entry again beside what somebody has made of it, since that may be somebody else's here", async () => {
    const before = await project.read("aws-auth.yaml");
    const edited = before.replace(/- "viewers"(\n *"rolearn": ".*role\/dev")/, '- "intruders"$1');
    expect(edited).not.toBe(before);
    await project.write("aws-auth.yaml", edited);
    const preview = await project.preview();
    expect(preview.output).toContain('mapRoles entry 5 says username "dev", groups ["intruders"]');
    expect(preview.output).not.toContain("is claimed already");
    expect(preview.raw).toMatch(/\+ 1 to create\n +4 unchanged/);
    await project.write("aws-auth.yaml", before);
  });

  it("says what is wrong, as in the npm package, with its name and without a stack trace", async () => {
    await project.write("templated.yaml", clusterConfig.replace("111122223333:role", "{{ account }}:role"));
    await program({ file: "templated.yaml", cluster });
    const preview = await project.preview();
    expect(preview.code).toBe(1);
    expect(preview.output).toContain('IdentityMappings "team": templated.yaml has an error:');
    expect(preview.output).toContain("templated.yaml:5: iamIdentityMappings[0].arn:");
    expect(preview.output).not.toMatch(/^\s+at |node_modules|report this as a bug/m);
  });

  it("gives the map back", async () => {
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf(seasonedData));
  });
});
