import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { check } from "../../provider/lifecycle/check.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { badInputFiles, badInputs } from "../support/engine/badInputs.ts";

it.each(badInputs)("refuses %s, each problem on its own property", async (_title, args, problems) => {
  const cwd = await mkdtemp(join(tmpdir(), "bad-inputs-"));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(badInputFiles)) {
    await writeFile(join(cwd, name), text);
  }
  const run = new Run();
  run.settings = { config: () => undefined, env: {}, cwd };
  const given: Record<string, unknown> = { cluster: { manifest: "aws-auth.yaml" }, ...args };
  const { failures = [] } = await check(run, parseState({}), { ...given, cluster: given["cluster"] ?? undefined });
  // The value of a misspelt input may be secret, so that no property is named.
  const named = (name: string, text: string) => (text.includes("is not an input") ? "" : name);
  for (const [name, text] of Object.entries(problems)) {
    expect(failures).toContainEqual({ property: named(name, text), reason: expect.stringContaining(text) });
  }
  expect(failures).toHaveLength(Object.keys(problems).length);
});
