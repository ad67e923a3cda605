import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runCli } from "../support/cli/runCli.ts";
import { readPages } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";

const pages = readPages();
const blocks = pages.flatMap((page) => page.blocks);
const commandLine = pages.find(({ file }) => file === "docs/command-line.md");
const program = "npx pulumi-aws-auth ";

/** A command with the output that a page shows for it. */
interface Shown {
  readonly command: string;
  readonly output: string;
}

const shown: readonly Shown[] = blocks
  .filter(({ language }) => language === "console")
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((text) => ({ command: text.slice(0, text.indexOf("\n")), output: text.slice(text.indexOf("\n") + 1) }));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-docs-"));
  const map = commandLine?.blocks.find(({ language }) => language === "yaml")?.text ?? "";
  await writeFile(join(directory, "map.yaml"), `${map}\n`);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("commands in the documents", () => {
  const distinct = [...new Set(shown.map(({ command }) => command))];

  it.each(distinct)("print what is shown: %s", async (command) => {
    expect(command.startsWith(program)).toBe(true);
    const { stdout, stderr } = await runCli(command.slice(program.length).split(" "), { cwd: directory });
    expect(stderr).toBe("");
    for (const { output } of shown.filter((other) => other.command === command)) {
      const [expected = "", ...more] = output.split(/^\.\.\.$/m);
      const printed = asShown(stdout);
      expect(more.length > 0 ? printed.slice(0, expected.length) : printed).toBe(asShown(expected));
    }
  });

  it("have options that the command line knows", async () => {
    const commands = blocks
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => [...text.matchAll(/npx pulumi-aws-auth ([\w-]+)(.*)$/gm)]);
    expect(commands.length).toBeGreaterThan(3);
    const names = new Set(commands.map(([, name = ""]) => name));
    const help = new Map(
      await Promise.all(Array.from(names, async (name) => [name, (await runCli([name, "--help"])).stdout] as const)),
    );
    for (const [command, name = "", rest = ""] of commands) {
      for (const [option] of rest.matchAll(/--[\w-]+/g)) {
        expect(help.get(name), command).toContain(option);
      }
    }
  });

  it("install the plugin of this version", () => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    const named = blocks.flatMap(({ place, text }) =>
      Array.from(text.matchAll(/plugin install resource aws-auth (\S+) --file \S+-v(.+)-linux-/g), (found) => [
        place.replace(/:.*/, ""),
        found[1],
        found[2],
      ]),
    );
    expect(named).toEqual([["docs/other-languages.md", version, version]]);
  });

  it("are accepted by a shell", () => {
    for (const { place, text } of blocks.filter(({ language }) => language === "sh")) {
      expect(syntaxProblem(text), place).toBe("");
    }
  });
});

describe("the workflows of the drift check", () => {
  it.each([
    ["github-workflow.yml", (workflow) => workflow.jobs.drift.steps.flatMap(({ run }: { run?: string }) => run ?? [])],
    ["gitlab-ci.yml", (workflow) => workflow["aws-auth-drift"].script],
  ] satisfies [string, (workflow: ReturnType<typeof parse>) => string[]][])(
    "%s has scripts that a shell accepts, and looks for drift",
    async (file, scriptsOf) => {
      const scripts = scriptsOf(parse(await readFile(join(repository, "examples", "drift-check", file), "utf8")));
      for (const script of scripts) {
        expect(syntaxProblem(script)).toBe("");
      }
      expect(scripts.join("\n")).toContain("pulumi preview --expect-no-changes --diff");
    },
  );
});

function syntaxProblem(script: string): string {
  return spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr;
}

/** What a terminal shows: tabs become spaces, and trailing spaces are invisible. */
function asShown(text: string): string {
  const expanded = execFileSync("expand", { input: text, encoding: "utf8" });
  return expanded.replace(/ +$/gm, "");
}
