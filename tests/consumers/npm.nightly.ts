import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { installProgram } from "./support/installedProgram.ts";
import { roundTrip } from "./support/roundTrip.ts";
import { runCommand } from "./support/runCommand.ts";

describe("a JavaScript project with npm", { timeout: 600_000 }, () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await installProgram("javascript");
  }, 600_000);
  afterAll(() => project?.remove());

  it("makes, keeps and removes mappings", async () => {
    await roundTrip(project);
  });

  it("has the command line tool", async () => {
    const tool = join(project.directory, "node_modules", ".bin", "pulumi-aws-auth");
    await project.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n");
    const found = await runCommand(tool, ["get", "--manifest", "map.yaml", "-o", "json"], { cwd: project.directory });
    expect(JSON.parse(found)).toEqual([]);
  });

  it("reports without a stack trace which package a service needs", async () => {
    await project.program(`
      new awsAuth.ServiceIdentityMapping("emr", { serviceName: "emr-containers", namespace: "spark" });
    `);
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'needs the package @pulumi/kubernetes, which is not installed; run "npm install @pulumi/kubernetes"',
    );
    expect(output).not.toContain("    at ");
  });
});
