import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployer, startDeployer } from "../support/cluster/deployer.ts";
import { manifestOf, seasonedData, splitClaims } from "../support/engine/manifest.ts";
import { type Outcome, TestProject } from "../support/engine/testProject.ts";
import { yamlProgram } from "../support/engine/yamlProgram.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const type = "aws-auth:index:IdentityMapping";
const dev = { arn: role("dev"), username: "dev", groups: ["developers", "viewers"] };

/** What `pulumi import` prints, as the resources of a program. */
function importedCode(output: string): string {
  return /^resources:\n( {2}.*\n)+/m.exec(output)?.[0] ?? "";
}

function importOf(project: TestProject, ...args: string[]): Promise<Outcome> {
  return project.pulumi("import", ...args, "--yes", "--skip-preview", "--protect=false");
}

describe("entries of a real API server that a YAML program imports", () => {
  let deployer: Deployer;

  beforeAll(async () => {
    deployer = await startDeployer(seasonedData, {}, { language: "yaml" });
    await deployer.project.program(yamlProgram({ dev: { properties: dev } }));
    expect(await deployer.project.up()).toMatchObject({ code: 0 });
  });
  afterAll(() => deployer?.stop());

  it("are claimed by the next up with the printed code, beside a mapping of the program's own, and go when it is taken out", async () => {
    const { project, map } = deployer;
    const before = await map.data();
    const resources = [
      { type, name: "ci", id: role("ci") },
      { type, name: "alice", id: "arn:aws:iam::111122223333:user/alice" },
      { type, name: "account", id: "111122223333" },
    ];
    await project.write("imports.json", JSON.stringify({ resources }));
    const imported = await importOf(project, "--file", "imports.json");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 3 imported") });
    const code = importedCode(imported.output);
    expect(code).toContain(
      `  ci:\n    type: aws-auth:IdentityMapping\n    properties:\n      arn: ${role("ci")}\n      groups:\n        - deployers\n      username: ci\n`,
    );
    await project.program(`${code}  dev: ${JSON.stringify({ type: "aws-auth:IdentityMapping", properties: dev })}\n`);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 3 updated") });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await map.data()).toEqual(before);
    await project.program(yamlProgram({ dev: { properties: dev } }));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 3 deleted") });
    expect(await map.data()).toMatchObject({ mapRoles: expect.not.stringContaining(role("ci")) });
  });

  it("are named in an error if there is none, or if it is no ID", async () => {
    const missing = await importOf(deployer.project, type, "none", role("none"));
    expect(missing).toMatchObject({ output: expect.stringContaining(`resource '${role("none")}' does not exist`) });
    expect(missing.output).toContain(`"${role("none")}" has no entry in aws-auth, so there is nothing to import`);
    const nonsense = await importOf(deployer.project, type, "none", "nonsense");
    expect(nonsense.output).toContain('error: "nonsense" is not the ID of an IdentityMapping; give the ARN');
    expect(nonsense.output).not.toMatch(/^\s+at /m);
  });
});

describe("an identity with several entries that a YAML program imports", () => {
  const entry = (arn: string, ...groups: string[]) =>
    `- rolearn: ${arn}\n  username: ci\n  groups: ${JSON.stringify(groups)}\n`;
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create({ language: "yaml", config: { "aws-auth:manifest": "aws-auth.yaml" } });
  });
  afterAll(() => project?.remove());

  /** Imports the role "ci" of a map, with what is printed as the program. */
  async function imported(mapRoles: string): Promise<Outcome> {
    await project.program("resources: {}\n");
    await project.destroy();
    await project.write("aws-auth.yaml", manifestOf({ mapRoles }));
    const outcome = await importOf(project, type, "ci", role("ci"));
    await project.program(importedCode(outcome.output) || "resources: {}\n");
    return outcome;
  }

  it("is refused, and a mapping with adopt takes all of them over", async () => {
    const { code, output } = await imported(entry(role("ci"), "viewers") + entry(role("ci"), "deployers"));
    expect(output).toContain(
      `arn "${role("ci")}" cannot be imported (username "ci", groups ["deployers"]): it has 2 entries, of which only the last one counts; declare a mapping with adopt: true instead, or correct the entry`,
    );
    expect(output).not.toMatch(/failed to validate|bug/);
    expect(code).not.toBe(0);
    const properties = { arn: role("ci"), username: "ci", groups: ["deployers"], adopt: true };
    await project.program(yamlProgram({ ci: { properties } }));
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(splitClaims(await project.read("aws-auth.yaml")).text).toBe(
      manifestOf({ mapRoles: entry(role("ci"), "deployers") }),
    );
  });

  it("does not exist if its ARN has the role's path, which never matches", async () => {
    const { code, output } = await imported(entry(role("eng/ci"), "editors"));
    expect(output).toContain(`"${role("ci")}" has no entry in aws-auth, so there is nothing to import`);
    expect(output).not.toMatch(/failed to validate|bug/);
    expect(code).not.toBe(0);
  });
});
