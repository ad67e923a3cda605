import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployer, startDeployer } from "../support/cluster/deployer.ts";
import { seasonedData } from "../support/engine/manifest.ts";
import type { Outcome } from "../support/engine/testProject.ts";
import { yamlProgram } from "../support/engine/yamlProgram.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const type = "aws-auth:index:IdentityMapping";
const dev = { arn: role("dev"), username: "dev", groups: ["developers", "viewers"] };

/** What `pulumi import` prints, as the resources of a program. */
function importedCode(output: string): string {
  return /^resources:\n( {2}.*\n)+/m.exec(output)?.[0] ?? "";
}

describe("entries of a real API server that a YAML program imports", () => {
  let deployer: Deployer;

  beforeAll(async () => {
    deployer = await startDeployer(seasonedData, {}, { language: "yaml" });
    await deployer.project.program(yamlProgram({ dev: { properties: dev } }));
    expect(await deployer.project.up()).toMatchObject({ code: 0 });
  });
  afterAll(() => deployer?.stop());

  const importOf = (...args: string[]): Promise<Outcome> =>
    deployer.project.pulumi("import", ...args, "--yes", "--skip-preview", "--protect=false");

  it("need no change with the printed code, beside a mapping of the program's own, and go when it is taken out", async () => {
    const { project, map } = deployer;
    const before = await map.read();
    const resources = [
      { type, name: "ci", id: role("ci") },
      { type, name: "alice", id: "arn:aws:iam::111122223333:user/alice" },
      { type, name: "account", id: "111122223333" },
    ];
    await project.write("imports.json", JSON.stringify({ resources }));
    const imported = await importOf("--file", "imports.json");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 3 imported") });
    const code = importedCode(imported.raw);
    expect(code).toContain(
      `  ci:\n    type: aws-auth:IdentityMapping\n    properties:\n      arn: ${role("ci")}\n      groups:\n        - deployers\n      username: ci\n`,
    );
    await project.program(`${code}  dev: ${JSON.stringify({ type: "aws-auth:IdentityMapping", properties: dev })}\n`);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await map.read()).toEqual(before);
    await project.program(yamlProgram({ dev: { properties: dev } }));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 3 deleted") });
    expect(await map.data()).toMatchObject({ mapRoles: expect.not.stringContaining(role("ci")) });
  });

  it("are named in an error if there is none, or if it is no ID", async () => {
    const missing = await importOf(type, "none", role("none"));
    expect(missing).toMatchObject({ output: expect.stringContaining(`resource '${role("none")}' does not exist`) });
    const nonsense = await importOf(type, "none", "nonsense");
    expect(nonsense.output).toContain('error: "nonsense" is not the ID of an IdentityMapping; give the ARN');
    expect(nonsense.output).not.toMatch(/^\s+at /m);
  });
});
