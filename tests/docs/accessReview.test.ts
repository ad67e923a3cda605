import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type CliResult, runCli } from "../support/cli/runCli.ts";
import { repository } from "../support/engine/testProject.ts";

const example = join(repository, "examples", "access-review");

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-access-review-"));
  await cp(example, directory, { recursive: true });
  const approved = await runCli(["review", "--clusters", "clusters.yaml", "-o", "json"], { cwd: directory });
  await writeFile(join(directory, "approved.json"), approved.stdout);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs a script of the example's package.json. */
async function script(name: string): Promise<CliResult> {
  const { scripts } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const [program, ...args] = String(scripts[name]).split(" ");
  expect(program).toBe("pulumi-aws-auth");
  return runCli(args, { cwd: directory });
}

describe("the job of examples/access-review", () => {
  it("passes for what was approved, and fails on a change, which the page shows", async () => {
    expect(await script("review")).toMatchObject({ code: 0, stderr: "" });
    const map = join(directory, "aws-auth.yaml");
    const before = await readFile(map, "utf8");
    await writeFile(map, before.replace("- developers # ask the platform team", "- system:masters"));
    const { code, stdout } = await script("review");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).changes.identities).toEqual([
      expect.objectContaining({ gains: expect.arrayContaining(["every right in the cluster"]) }),
    ]);
    const page = await script("page");
    expect(page.code).toBe(0);
    expect(page.stdout).toContain("every right in the cluster");
  });

  it("has steps that a shell accepts, and that run the scripts", async () => {
    const { jobs } = parse(await readFile(join(example, "github-workflow.yml"), "utf8"));
    const steps: string[] = jobs.review.steps.flatMap(({ run }: { run?: string }) => run ?? []);
    for (const step of steps) {
      expect(spawnSync("bash", ["-n"], { input: step, encoding: "utf8" }).stderr).toBe("");
    }
    expect(steps.join("\n")).toContain("npm run --silent page > site/index.html");
    expect(steps).toContain("npm run --silent review > review.json");
  });
});
