// `node scripts/release.ts [--tag]`: checks that this commit can be released, runs every test, and packs the package and the plugin; with
// --tag it also makes the tag whose push publishes them (.github/workflows/publish.yml). Without, nothing outside of node_modules/, dist/
// and .local/ changes.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { releaseProblems, tagOf } from "./releaseProblems.ts";

const repository = join(import.meta.dirname, "..");
const { values: given } = parseArgs({ options: { tag: { type: "boolean", default: false } } });
const { version }: { version: string } = JSON.parse(read("package.json"));

const problems = releaseProblems({
  version,
  changelog: read("CHANGELOG.md"),
  status: output("git", "status", "--porcelain"),
  tags: output("git", "tag", "--list").split("\n"),
  states: readdirSync(join(repository, "tests", "upgrade", "states")),
});
if (problems.length > 0) {
  for (const problem of problems) {
    console.error(`error: ${problem}`);
  }
  process.exitCode = 1;
} else {
  run("npm", "ci");
  run("npm", "run", "test:nightly");
  run("npm", "pack", "--dry-run");
  run("npm", "run", "pack:plugin");
  if (given.tag) {
    run("git", "tag", "--annotate", tagOf(version), "--message", `Release ${version}`);
    console.log(`made the tag ${tagOf(version)}; "git push origin ${tagOf(version)}" publishes it`);
  } else {
    console.log(`${version} can be released; "npm run release -- --tag" makes the tag ${tagOf(version)}`);
  }
}

function read(file: string): string {
  return readFileSync(join(repository, file), "utf8");
}

function output(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd: repository, encoding: "utf8" });
}

function run(command: string, ...args: readonly string[]): void {
  console.log(`\n── ${[command, ...args].join(" ")}`);
  execFileSync(command, args, { cwd: repository, stdio: "inherit" });
}
