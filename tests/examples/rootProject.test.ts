import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runCommand } from "../support/consumers/packing.ts";
import { repository } from "../support/engine/testProject.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";

it("a clone is a Pulumi project, whose preview needs no configuration and leaves nothing for git", async () => {
  const { pulumi } = await ensureParts(["pulumi"]);
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-root-"));
  const settings = join(repository, "Pulumi.root-test.yaml");
  onTestFinished(async () => {
    await rm(settings, { force: true });
    await rm(directory, { recursive: true });
  });
  const env = {
    PATH: [join(repository, "node_modules", ".bin"), pulumi.directory, process.env["PATH"]].join(delimiter),
    PULUMI_HOME: directory,
    PULUMI_BACKEND_URL: `file://${directory}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const run = (...args: string[]) => runCommand("pulumi", args, { cwd: repository, env });
  await run("stack", "init", "root-test");
  const preview = await run("preview", "--non-interactive", "--stack", "root-test");
  for (const name of ["platform-admins", "on-call", "sandbox"]) {
    expect(preview).toContain(`aws-auth:IdentityMapping ${name} create`);
  }
  expect(preview).toContain("+ 4 to create");
  const ignored = await runCommand("git", ["check-ignore", "Pulumi.root-test.yaml", "aws-auth.yaml"], {
    cwd: repository,
  });
  expect(ignored).toBe("Pulumi.root-test.yaml\naws-auth.yaml\n");
});
