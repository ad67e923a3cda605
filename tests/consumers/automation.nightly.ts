import { mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { installProgram } from "./support/installedProgram.ts";
import { runCommand } from "./support/runCommand.ts";

describe("an inline program of the Automation API", { timeout: 600_000 }, () => {
  let project: TestProject | undefined;
  afterEach(() => project?.remove());

  it("makes, keeps and removes mappings", async () => {
    project = await installProgram("automation");
    const { pulumi } = await ensureParts(["pulumi"]);
    const state = join(project.directory, "inline-state");
    await mkdir(state);
    const printed = await runCommand(process.execPath, ["index.js"], {
      cwd: project.directory,
      env: {
        PATH: [pulumi.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter),
        PULUMI_HOME: join(project.directory, ".pulumi-home"),
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "1",
      },
    });
    expect(JSON.parse(printed)).toEqual({ made: { create: 3 }, username: "dev", again: { same: 3 } });
    expect(await project.read("aws-auth.yaml")).not.toMatch(/rolearn|012345678901/);
  });
});
