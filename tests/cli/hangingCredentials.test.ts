import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { sample } from "../support/nightly.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-hanging-"));
  await writeFile(join(directory, "config"), "[default]\ncredential_process = sleep 400\n");
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const arn = "arn:aws:iam::111122223333:role/dev";

// Each takes the 15 seconds of the limit, and they run five at a time.
it.concurrent.each(
  sample(
    [
      [["get"]],
      [["explain", arn]],
      [["review"]],
      [["can-i", arn, "get", "pods"]],
      [["who-can", "get", "pods"]],
      [["migrate"]],
      [["import"]],
      [["lint"]],
    ],
    5,
  ),
)(
  "%j tells that AWS credentials do not come, and ends then, whatever their process does",
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
