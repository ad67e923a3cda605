import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runCli } from "../support/cli/runCli.ts";

it("keeps compiled code for the next run where Node.js keeps it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-cli-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  expect(await runCli(["--version"], { env: { TMPDIR: directory } })).toMatchObject({ code: 0, stderr: "" });
  const [runtime, ...kept] = await readdir(join(directory, "node-compile-cache"), { recursive: true });
  expect(runtime).toContain(process.version);
  expect(kept.length).toBeGreaterThan(5);
});
