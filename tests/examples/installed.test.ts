import { afterEach, describe, expect, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { exampleProject } from "../support/examples/exampleProject.ts";
import { linkExample } from "../support/examples/installExample.ts";
import { sample } from "../support/nightly.ts";

let project: TestProject;
afterEach(() => project?.remove());

describe("an example out of the packed package, with what its package.json lists", () => {
  const examples = [
    ["quickstart", { config: { "aws-auth:manifest": "aws-auth.yaml" } }, "+ 4 to create"],
    ["fleet", { stack: "dev" }, "+ 7 to create"],
  ] as const;

  it.each(sample(examples))("%s: its types are right, and its preview is clean", async (name, options, plan) => {
    project = await exampleProject(name, { ...options, install: linkExample });
    const { code, output } = await project.preview();
    expect(output).toContain(plan);
    expect(code).toBe(0);
  });
});
