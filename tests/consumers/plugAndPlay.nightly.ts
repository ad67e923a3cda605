import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { installProgram } from "./support/installedProgram.ts";
import { yarnPlugAndPlay } from "./support/packageManagers.ts";
import { roundTrip } from "./support/roundTrip.ts";

describe("a JavaScript project with Yarn's Plug'n'Play", { timeout: 600_000 }, () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await installProgram("javascript", { manager: yarnPlugAndPlay });
  }, 600_000);
  afterAll(() => project?.remove());

  it("works under `yarn exec pulumi`", async () => {
    await roundTrip(project);
  });

  // It is Pulumi that cannot start then; should that change, the README's sentence may go.
  it("does not get as far as the program under `pulumi` alone", async () => {
    const { code, output } = await project.with({ NODE_OPTIONS: "" }).up();
    expect(code).not.toBe(0);
    expect(output).toContain("It looks like the Pulumi SDK has not been installed");
  });
});
