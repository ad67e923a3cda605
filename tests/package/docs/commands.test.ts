import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type CliResult, runCli } from "../../support/cli/runCli.ts";
import { readBlock, readPages } from "../../support/docs/markdown.ts";
import { repository } from "../../support/engine/testProject.ts";
import { migrationWorld, sampleMap } from "../../support/migration/world.ts";

const pages = readPages();
const blocks = pages.flatMap((page) => page.blocks);
const program = "npx pulumi-aws-auth ";

/** The commands in the pages' console blocks, each with the outputs shown for it. */
const shown = Map.groupBy(
  blocks
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
    .map((text) => ({ command: text.slice(0, text.indexOf("\n")), output: text.slice(text.indexOf("\n") + 1) })),
  ({ command }) => command,
);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-docs-"));
  const commandLine = pages.find(({ file }) => file === "docs/command-line.md");
  const map = commandLine?.blocks.find(({ language }) => language === "yaml")?.text ?? "";
  await writeFile(join(directory, "map.yaml"), `${map}\n`);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("commands in the documentation", () => {
  it.each([...shown])("print the output shown: %s", async (command, outputs) => {
    expect(command.startsWith(program)).toBe(true);
    const { stdout, stderr } = await runCli(command.slice(program.length).split(" "), { cwd: directory });
    expect(stderr).toBe("");
    for (const { output } of outputs) {
      const [expected = "", ...more] = output.split(/^\.\.\.$/m);
      const printed = asShown(stdout);
      expect(more.length > 0 ? printed.slice(0, expected.length) : printed).toBe(asShown(expected));
    }
  });

  it("answer for a manifest, or for an EKS cluster", async () => {
    const { aws, caller } = await migrationWorld(sampleMap);
    const env = { ...aws.env(caller), AWS_REGION: "eu-central-1" };
    const cwd = join(directory, "answers");
    await mkdir(cwd);
    for (const name of ["aws-auth.yaml", "staging.yaml", "prod.yaml"]) {
      await cp(join(directory, "map.yaml"), join(cwd, name));
    }
    await writeFile(join(cwd, "clusters.yaml"), "- prod\n");
    const used = blocks.filter(({ language, place }) => language === "sh" && !place.startsWith("examples/"));
    const lines = used.flatMap(({ text }) =>
      Array.from(text.matchAll(/npx pulumi-aws-auth ([^>\n]+)/g), ([, line = ""]) => line),
    );
    expect(lines.length).toBeGreaterThan(12);
    const results = await Promise.all(
      [...new Set(lines)].map(async (line) => {
        const args = line.trim().replace("--cluster demo", "--cluster prod").split(" ");
        return { line, ...(await runCli(args, { cwd, env })) };
      }),
    );
    // The API server of this test lists neither resource types nor bindings, so some answers are unknown.
    const hasAnswer = ({ stdout, stderr }: CliResult) => stdout !== "" || stderr.startsWith("error: unknown: ");
    expect(results.filter((result) => !hasAnswer(result))).toEqual([]);
  });

  it("use only options of the command line", async () => {
    const commands = blocks
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => [...text.matchAll(/npx pulumi-aws-auth ([\w-]+)(.*)$/gm)]);
    const names = new Set(commands.map(([, name = ""]) => name));
    expect(names.size).toBeGreaterThan(3);
    for (const name of names) {
      const help = (await runCli([name, "--help"])).stdout;
      for (const [command, , rest = ""] of commands.filter(([, other]) => other === name)) {
        for (const [option] of rest.matchAll(/--[\w-]+/g)) {
          expect(help, command).toContain(option);
        }
      }
    }
  });

  it("install the plugin of this version", () => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    const install = /plugin install resource aws-auth (\S+) --file \S+-v(.+)-linux-/g;
    const named = blocks.flatMap(({ text }) => Array.from(text.matchAll(install), ([, ...versions]) => versions));
    expect(named).toEqual([[version, version]]);
  });

  it("have valid shell syntax", () => {
    for (const { place, text } of blocks.filter(({ language }) => language === "sh")) {
      expect(syntaxProblem(text), place).toBe("");
    }
  });
});

describe("the CI examples", () => {
  it.each([
    ["drift-check/github-workflow.yml", ["pulumi preview --expect-no-changes --diff"]],
    ["ci/github-workflow.yml", ["pulumi preview --diff", "pulumi up --yes"]],
    ["drift-check/gitlab-ci.yml", ["pulumi preview --expect-no-changes --diff"]],
    [
      "access-review/github-workflow.yml",
      ["npm run --silent page > review.html", "npm run --silent review > review.json"],
    ],
  ])("%s has valid shell scripts that run its commands", async (file, commands) => {
    const scripts = scriptsIn(parse(await readFile(join(repository, "examples", file), "utf8")));
    expect(scripts.map(syntaxProblem).join("")).toBe("");
    for (const command of commands) {
      expect(scripts.join("\n")).toContain(command);
    }
  });

  it("access-review passes for approved access and fails on a change, which the page shows", async () => {
    const cwd = join(directory, "access-review");
    await cp(join(repository, "examples", "access-review"), cwd, { recursive: true });
    const approved = await runCli(["review", "--clusters", "clusters.yaml", "-o", "json"], { cwd });
    await writeFile(join(cwd, "approved.json"), approved.stdout);
    const { scripts } = JSON.parse(await readFile(join(cwd, "package.json"), "utf8"));
    const script = (name: string): Promise<CliResult> => {
      const [tool, ...args] = String(scripts[name]).split(" ");
      expect(tool).toBe("pulumi-aws-auth");
      return runCli(args, { cwd });
    };
    expect(await script("review")).toMatchObject({ code: 0, stderr: "" });
    const map = join(cwd, "aws-auth.yaml");
    const before = await readFile(map, "utf8");
    await writeFile(map, before.replace("- developers # ask the platform team", "- system:masters"));
    const { code, stdout } = await script("review");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).changes.identities).toEqual([
      expect.objectContaining({ gains: expect.arrayContaining(["every right in the cluster"]) }),
    ]);
    expect(await script("page")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("every right in the cluster"),
    });
  });
});

describe("the policies in examples/policy", () => {
  const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
  const user = "arn:aws:iam::111122223333:user/dev";
  const nodes = { arn: role("nodes"), groups: ["system:bootstrappers", "system:nodes"] };
  const contractors = { arn: role("contractors"), groups: ["system:masters"] };

  it.each([
    ["a user", { arn: user, groups: [] }, {}, `aws-auth-no-users: ${user} is an IAM user; map a role`],
    ["nodes without protection", nodes, {}, "set the mapping's resource option protect: true"],
    ["protected nodes", nodes, { protect: true }, undefined],
    ["an administrator not on the list", contractors, {}, "aws-auth-administrators: <the README's>"],
    ["an administrator on the list", contractors, { allowed: [role("contractors")] }, undefined],
    ["an account", { account: "012345678901" }, {}, undefined],
  ])("check %s", async (_title, props, { protect = false, allowed = [] }: PolicyCase, violation) => {
    const { policies } = await import(join(repository, "examples/policy/pack/policies.ts"));
    const violations: string[] = [];
    for (const { name, validateResource } of policies) {
      const args = { props, opts: { protect }, isType: () => true, getConfig: () => ({ allowed }) };
      validateResource(args, (text: string) => violations.push(`${name}: ${text}`));
    }
    const shown = (await readBlock("examples/policy/README.md", "mandatory:")).replace(/^mandatory: /, "").trim();
    const expected = violation?.replace("<the README's>", shown);
    expect(violations).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });
});

interface PolicyCase {
  readonly protect?: boolean;
  readonly allowed?: readonly string[];
}

/** All scripts of a workflow. */
function scriptsIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) {
    return [];
  }
  return Object.entries(node).flatMap(([key, value]) => {
    const isScript = key === "run" || key === "script";
    return isScript ? [value].flat().map(String) : scriptsIn(value);
  });
}

function syntaxProblem(script: string): string {
  return spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr;
}

/** Text as a terminal shows it: tabs expanded, without trailing spaces. */
function asShown(text: string): string {
  return spawnSync("expand", { input: text, encoding: "utf8" }).stdout.replace(/ +$/gm, "");
}
