import { afterEach, describe, expect, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { installProgram } from "./support/installedProgram.ts";
import { npm, pnpm } from "./support/packageManagers.ts";
import { roundTrip } from "./support/roundTrip.ts";

const companyPackages = ["company-access"];
const without = ["pulumi-aws-auth"];

describe("a company's component that wraps mappings", { timeout: 600_000 }, () => {
  let project: TestProject | undefined;
  afterEach(() => project?.remove());

  it("brings this package along with npm", async () => {
    project = await installProgram("component", { manager: npm, companyPackages, without });
    await roundTrip(project);
  });

  it("asks a program that pnpm keeps it from to depend on this package itself", async () => {
    project = await installProgram("component", { manager: pnpm, companyPackages, without });
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain("the package pulumi-aws-auth is not found from the program's directory");
    expect(output).toContain('add it to the program\'s own dependencies: run "npm install pulumi-aws-auth"');
    expect(output).not.toContain("    at ");
  });
});
