import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { repository } from "../support/engine/testProject.ts";

let installed: string;
beforeEach(async () => {
  installed = await mkdtemp(join(tmpdir(), "aws-auth-cli-"));
  const isOurs = (path: string) => !path.endsWith(".compiled");
  await cp(join(repository, "dist"), join(installed, "dist"), { recursive: true, filter: isOurs });
  await cp(join(repository, "package.json"), join(installed, "package.json"));
  await symlink(join(repository, "node_modules"), join(installed, "node_modules"));
});
afterEach(() => rm(installed, { recursive: true, force: true }));

const kept = () => readdir(join(installed, "dist", "provider", ".compiled"), { recursive: true });
const version = (env: Readonly<Record<string, string>> = {}) =>
  runCli(["--version"], { file: join(installed, "dist", "cli", "main.js"), env });

it("keeps compiled code beside its own files, for this version of Node.js", async () => {
  expect(await version()).toMatchObject({ code: 0, stderr: "" });
  const [runtime, ...files] = await kept();
  expect(runtime).toContain(process.version);
  expect(files.length).toBeGreaterThan(5);
});

it("does not if the user says so", async () => {
  expect(await version({ NODE_DISABLE_COMPILE_CACHE: "1" })).toMatchObject({ code: 0, stderr: "" });
  await expect(kept()).rejects.toThrow("ENOENT");
});

it("leaves nothing among the files of another user", async () => {
  const other = join(installed, "other.cjs");
  await writeFile(other, "const user = process.getuid(); process.getuid = () => user + 1;");
  expect(await version({ NODE_OPTIONS: `--require=${other}` })).toMatchObject({ code: 0, stderr: "" });
  await expect(kept()).rejects.toThrow("ENOENT");
});

it("goes on where nothing can be kept", async () => {
  // As in a directory that the user may not write to, which root may.
  await symlink(join(installed, "nowhere", "else"), join(installed, "dist", "provider", ".compiled"));
  expect(await version()).toMatchObject({ code: 0, stderr: "" });
});
