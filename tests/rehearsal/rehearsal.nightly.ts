import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";

// With empty caches, it downloads Node.js for each system, and the SDKs of the languages.
it("a release of this working tree is reproducible, and installs for users of each language", {
  timeout: 1_200_000,
}, async () => {
  const running = promisify(execFile)(process.execPath, ["tests/rehearsal/main.ts"], { cwd: repository });
  const { stdout } = await running.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  expect(stdout).toMatch(/^rehearsed in \d+ s: /m);
});
