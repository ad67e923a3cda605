import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { stepOfWorkflow } from "../../rehearsal/rounds.ts";
import { repository } from "../../support/engine/testProject.ts";
import { recipes } from "../../support/parts/recipes.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

interface Job {
  readonly needs?: string | readonly string[];
  readonly permissions?: Permissions;
  readonly steps: readonly { readonly run?: string }[];
}
type Permissions = Readonly<Record<string, "read" | "write">>;
interface Workflow {
  readonly permissions: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = globSync([".github/workflows/*.yml", "examples/*/github-workflow.yml"], { cwd: repository });

/** The jobs that may write, or log in elsewhere, and the commands that they run. */
function privileged(workflow: Workflow): Record<string, string> {
  const jobs = Object.entries(workflow.jobs).filter(([, { permissions = workflow.permissions }]) =>
    Object.values(permissions).includes("write"),
  );
  return Object.fromEntries(jobs.map(([name, { steps }]) => [name, steps.map(({ run = "" }) => run).join("\n")]));
}

describe.each(workflows)("%s", (file) => {
  const text = read(file);

  it("pins each action by commit, with its version", () => {
    const uses = text.match(/^.*\buses:.*$/gm) ?? [];
    expect(uses.filter((line) => !/ uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it("stores no token of GitHub in a checkout", () => {
    const checkouts =
      text.match(/ actions\/checkout@.*\n( +)with:\n(?:\1 .*\n)*?\1 +persist-credentials: false\n/g) ?? [];
    expect(checkouts).toHaveLength(text.match(/ actions\/checkout@/g)?.length ?? 0);
  });

  it("runs no install scripts of packages in a privileged job", () => {
    const commands = Object.values(privileged(parse(text))).join("\n");
    const installs = commands.match(/\b(?:npm (?:ci|i|install)|npx|pnpm|yarn)\b.*$/gm) ?? [];
    expect(installs.filter((command) => !command.startsWith("npm ci --ignore-scripts"))).toEqual([]);
  });
});

it("only a job that runs no code of packages may publish, after the tests, the build and a start on each system", () => {
  const workflow: Workflow = parse(read(".github/workflows/publish.yml"));
  const { publish = "", ...others } = privileged(workflow);
  expect(others).toEqual({});
  expect(publish.match(/\b(?:node|npm|npx) .*$/gm)).toEqual([expect.stringMatching(/^npm publish .*--ignore-scripts/)]);
  const { jobs } = workflow;
  expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
    ["test", undefined],
    ["build", undefined],
    ["smoke", "build"],
    ["publish", ["test", "build", "smoke"]],
  ]);
  expect(jobs["publish"]?.permissions).toEqual({ contents: "write", "id-token": "write", attestations: "write" });
});

it.each([
  ["is equal", 0, "one", ""],
  ["has another file", 1, "two", "contains other files than this build; delete it with"],
])("the release continues with a draft only if it %s", (_title, status, content, message) => {
  const directory = mkdtempSync(join(tmpdir(), "aws-auth-draft-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "release"));
  writeFileSync(join(directory, "release", "a"), "one");
  const gh = `gh() { if [ $2 = download ]; then mkdir draft && printf ${content} > draft/a; fi; }`;
  const args = ["-ec", `${gh}\n${stepOfWorkflow("publish", "Draft the release")}`];
  const ended = spawnSync("/bin/bash", args, { cwd: directory, encoding: "utf8" });
  expect(ended).toMatchObject({ status, stdout: expect.stringContaining(message) });
});

it("the release starts each executable that it packs, on its own system, with the Pulumi of the tests", () => {
  const workflow = read(".github/workflows/publish.yml");
  const [, packed = ""] = /const systems = (\[.+\]);/.exec(read("scripts/packPlugin.ts")) ?? [];
  const started = Array.from(workflow.matchAll(/ system: ([\w-]+),/g), ([, system]) => system);
  expect(started).toEqual(JSON.parse(packed));
  expect(workflow).toContain(`FILE: pulumi-v${recipes.pulumi.version}-`);
});

it("CODEOWNERS lists files and directories that exist", () => {
  const paths = Array.from(read(".github/CODEOWNERS").matchAll(/^\/\S+/gm), ([path]) => path);
  expect(paths.length).toBeGreaterThan(3);
  expect(paths.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
});

it("docs/security.md names source files that exist", () => {
  const paths = Array.from(
    read("docs/security.md").matchAll(/`((?:provider|sdk|scripts)\/[\w./]+)`/g),
    ([, path]) => path,
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(join(repository, path ?? "")))).toEqual([]);
});

it.each([
  "README.md",
  "docs/getting-started.md",
  "docs/support.md",
  "examples/README.md",
  "plugin/pulumi-resource-aws-auth",
  "plugin/pulumi-resource-aws-auth.cmd",
  "provider/pulumi/versions.ts",
])("%s states the Node.js versions of package.json", (file) => {
  const { engines } = JSON.parse(read("package.json"));
  const [, lowest, major, later] = /^\^((\d+)\.\d+)\.0 \|\| >=(\d+\.\d+)\.0$/.exec(engines.node) ?? [];
  const text = read(file).replaceAll("^", "");
  expect(text).toContain(`${major} (${lowest} or later), or ${later} or later`);
});

it("builds no RegExp from a text that may come from outside", () => {
  const foreign = globSync("{sdk,provider,cli,plugin,scripts}/**/*.ts", { cwd: repository }).flatMap((file) => {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const declared = source.statements
      .filter(ts.isVariableStatement)
      .flatMap((one) => one.declarationList.declarations);
    const constants = new Map(declared.map(({ name, initializer }) => [name.getText(), initializer]));
    /** Whether an expression consists of literals, and of constants of the file that do. */
    const isOurs = (node: ts.Node): boolean => {
      const value = ts.isIdentifier(node) ? constants.get(node.text) : node;
      const parts = value && ts.isPropertyAccessExpression(value) ? [value.expression] : value && childrenOf(value);
      return parts?.every(isOurs) ?? false;
    };
    const calls = nodesIn(source).filter((node) => ts.isNewExpression(node) || ts.isCallExpression(node));
    const builders = calls.filter(({ expression }) => /\b(?:RegExp|match|matchAll|search)$/.test(expression.getText()));
    return builders.filter((call) => !call.arguments?.every(isOurs)).map((call) => `${file}: ${call.getText()}`);
  });
  expect(foreign).toEqual([]);
});

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

const nodesIn = (node: ts.Node): ts.Node[] => [node, ...childrenOf(node).flatMap(nodesIn)];
