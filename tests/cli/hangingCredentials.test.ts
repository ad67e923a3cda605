import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-hanging-"));
  await writeFile(join(directory, "config"), "[default]\ncredential_process = sleep 400\n");
});
afterAll(() => rm(directory, { recursive: true, force: true }));

it.concurrent.each([[["get"]], [["review"]]])(
  "%j reports that AWS credentials do not come, and exits, whatever their process does",
  { timeout: 120_000 },
  async (args) => {
    const began = performance.now();
    const env = { AWS_CONFIG_FILE: join(directory, "config"), AWS_REGION: "eu-central-1" };
    const { code, stdout, stderr } = await runCli([...args, "--cluster", "prod"], { cwd: directory, env });
    expect((stdout + stderr).replace(/\s+/g, " ")).toMatch(
      /the source of AWS credentials cannot be reached .*: no response in time/,
    );
    expect(code).toBe(2);
    // The limit is 15 s.
    expect(performance.now() - began).toBeLessThan(60_000);
  },
);
