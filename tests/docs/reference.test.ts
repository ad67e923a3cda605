import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application } from "typedoc";
import { expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";

it("docs/reference.md matches the doc comments; `npm run docs` generates it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-reference-"));
  try {
    const app = await Application.bootstrapWithPlugins({
      options: join(repository, "typedoc.json"),
      out: directory,
      logLevel: "Warn",
    });
    const project = await app.convert();
    if (project === undefined) {
      throw new Error("the doc comments cannot be read");
    }
    await app.generateOutputs(project);
    expect(app.logger.hasWarnings()).toBe(false);
    const made = await readFile(join(directory, "reference.md"), "utf8");
    expect(await readFile(join(repository, "docs", "reference.md"), "utf8")).toBe(made);
  } finally {
    await rm(directory, { recursive: true });
  }
});
