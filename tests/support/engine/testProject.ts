import { type ChildProcessByStdio, spawn } from "node:child_process";
import { hash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ensureParts } from "../parts/ensureParts.ts";
import type { PulumiName } from "../parts/recipes.ts";

/** The directory of this repository. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** The directory of the resource plugin's executable, to which projects refer; `ensureExecutable` builds it. */
export const pluginDirectory = join(repository, ".local", "executable", process.version);
const pluginSection = `plugins:\n  providers:\n    - { name: aws-auth, path: ${JSON.stringify(pluginDirectory)} }\n`;

/** The result of one call of the CLI. */
export interface Outcome {
  readonly code: number | null;
  /** Both streams, in the order in which they were written. */
  readonly output: string;
}

/** A running call of the CLI. */
export interface RunningCall {
  /** The CLI's process, which leads its own process group, like a shell's foreground job. */
  readonly pid: number;
  readonly outcome: Promise<Outcome>;
  /** Resolves when it has printed a string; false if it has ended without. */
  printed(text: string): Promise<boolean>;
}

/** Options of a project. */
export interface ProjectOptions {
  /** The project's name, which is part of the stack's name. Default `test`. */
  readonly name?: string;
  /** Stack configuration: full keys, such as `aws-auth:manifest`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Environment variables in addition to those that isolate the run; undefined removes one of these. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The Pulumi that runs it. Default: the newest. */
  readonly engine?: PulumiName;
  /** The language of its program. Default: nodejs, with the npm package; YAML programs use the resource plugin. */
  readonly language?: "nodejs" | "yaml";
  /** Whether a Node program may use the resource plugin too. */
  readonly plugin?: boolean;
  /** A packed plugin that replaces the plugin of this repository. */
  readonly packedPlugin?: string;
  /** Directories that precede all others on PATH. */
  readonly programs?: readonly string[];
}

/** The file of a project's program, and the section with the paths of its plugins. */
interface ProgramForm {
  readonly language: "nodejs" | "yaml";
  readonly plugins: string;
}

// The imports of every test program, and a value that is unknown in previews.
const prelude = `
const pulumi = require("@pulumi/pulumi");
const awsAuth = require("pulumi-aws-auth");
const { IdentityMapping } = awsAuth;
`;

/** A Pulumi project with one stack on local state, in its own temporary directory, run by the real CLI. */
export class TestProject {
  /** The program's directory. */
  readonly directory: string;
  readonly name: string;
  /** The directory of the backend. */
  readonly backend: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #program: ProgramForm;

  private constructor(directory: string, name: string, env: NodeJS.ProcessEnv, program: ProgramForm) {
    this.directory = directory;
    this.name = name;
    this.#program = program;
    this.backend = fileURLToPath(env["PULUMI_BACKEND_URL"] ?? "");
    this.#env = env;
  }

  /** Creates the project, with a link to the built package in its node_modules. */
  static async create(options: ProjectOptions = {}): Promise<TestProject> {
    const { name = "test", config = {}, env = {}, engine = "pulumi", programs = [], language = "nodejs" } = options;
    const { [engine]: pulumi } = await ensureParts([engine]);
    const hosts = language === "yaml" ? [(await ensureParts(["pulumi-language-yaml"]))["pulumi-language-yaml"]] : [];
    const directory = await mkdtemp(join(tmpdir(), "aws-auth-"));
    const modules = join(directory, "node_modules");
    await mkdir(join(modules, "@pulumi"), { recursive: true });
    await symlink(repository, join(modules, "pulumi-aws-auth"));
    await symlink(join(repository, "node_modules", "@pulumi", "pulumi"), join(modules, "@pulumi", "pulumi"));
    const plugins = options.packedPlugin === undefined ? pluginSection : "";
    const ofNode = `name: ${name}\nruntime: nodejs\nmain: index.js\n${options.plugin ? plugins : ""}`;
    await writeFile(join(directory, "Pulumi.yaml"), ofNode);
    await writeFile(join(directory, "package.json"), '{ "name": "test", "main": "index.js" }\n');
    const path = [...programs, pulumi.directory, ...hosts.map((host) => host.directory), dirname(process.execPath)];
    const variables = {
      ...hermetic(directory),
      PATH: [...path, process.env["PATH"]].join(delimiter),
      ...env,
    };
    const project = new TestProject(directory, name, variables, { language, plugins });
    await writeEmptyStack(project);
    await installPlugin(project, options.packedPlugin);
    await project.configure(config);
    return project;
  }

  /** Replaces the stack configuration. */
  async configure(config: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(config).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
    const file = join(this.directory, "Pulumi.test.yaml");
    // The first run writes the encryption salt of the secrets in the state.
    const before = await readFile(file, "utf8").catch(() => "");
    const salt = /^encryptionsalt:.*\n/m.exec(before)?.[0] ?? "";
    await writeFile(file, `${salt}config:${lines.length > 0 ? `\n${lines.join("")}` : " {}\n"}`);
  }

  /**
   * Replaces the program: JavaScript, with `pulumi`, `awsAuth` and `IdentityMapping` imported, or the sections of a YAML program, which
   * uses the resource plugin of this repository, or the packed one.
   */
  async program(text: string): Promise<void> {
    const { language, plugins } = this.#program;
    if (language === "nodejs") {
      await writeFile(join(this.directory, "index.js"), prelude + text);
    } else {
      await writeFile(join(this.directory, "Pulumi.yaml"), `name: ${this.name}\nruntime: yaml\n${plugins}${text}`);
    }
  }

  /** Writes a file of the program's directory. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.directory, name), text);
  }

  /** Reads a file of the program's directory. */
  async read(name: string): Promise<string> {
    return readFile(join(this.directory, name), "utf8");
  }

  /** The same project and stack, with additional environment variables. */
  with(env: Readonly<Record<string, string>>): TestProject {
    return new TestProject(this.directory, this.name, { ...this.#env, ...env }, this.#program);
  }

  preview(...args: string[]): Promise<Outcome> {
    return this.pulumi("preview", "--diff", ...args);
  }

  up(...args: string[]): Promise<Outcome> {
    return this.pulumi("up", "--yes", "--skip-preview", ...args);
  }

  refresh(...args: string[]): Promise<Outcome> {
    return this.pulumi("refresh", "--yes", "--skip-preview", ...args);
  }

  destroy(...args: string[]): Promise<Outcome> {
    return this.pulumi("destroy", "--yes", "--skip-preview", ...args);
  }

  /** Runs the CLI on the project's stack. */
  pulumi(command: string, ...args: string[]): Promise<Outcome> {
    return this.#run([command, ...args, "--stack", "test"]);
  }

  /** Runs the CLI with a command that specifies its own stacks. */
  cli(command: string, ...args: string[]): Promise<Outcome> {
    return this.#run([command, ...args]);
  }

  /** Starts the CLI on the project's stack, for tests that interact with the running process. */
  start(command: string, ...args: string[]): RunningCall {
    const child = this.#spawn([command, ...args, "--stack", "test"], true);
    const { pid } = child;
    if (pid === undefined) {
      throw new Error("the Pulumi CLI does not start");
    }
    const outcome = outcomeOf(child);
    const printed = async (text: string) => {
      const found = new Promise<boolean>((resolve) => {
        child.stdout.on("data", (piece: string) => piece.includes(text) && resolve(true));
      });
      return Promise.race([found, outcome.then(() => false)]);
    };
    return { pid, outcome, printed };
  }

  /** Removes the directory, including the state. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  #run(args: readonly string[]): Promise<Outcome> {
    return outcomeOf(this.#spawn(args, false));
  }

  #spawn(args: readonly string[], detached: boolean): ChildProcessByStdio<null, Readable, Readable> {
    return spawn("pulumi", ["--non-interactive", "--color", "never", ...args], {
      cwd: this.directory,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached,
    });
  }
}

async function installPlugin(project: TestProject, tarball: string | undefined): Promise<void> {
  if (tarball === undefined) {
    return;
  }
  const [, version = ""] = /-v(\d[^-]*(?:-.+)?)-[a-z]+-[a-z\d]+\.tar\.gz$/.exec(tarball) ?? [];
  const installed = await project.cli("plugin", "install", "resource", "aws-auth", version, "--file", tarball);
  if (installed.code !== 0) {
    throw new Error(installed.output);
  }
}

function outcomeOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
}

/** Writes the file that `pulumi stack init test` writes to a local backend, without running the CLI. */
async function writeEmptyStack({ backend, name }: TestProject): Promise<void> {
  const directory = join(backend, ".pulumi");
  await mkdir(join(directory, "stacks", name), { recursive: true });
  await writeFile(join(directory, "meta.yaml"), "version: 1\n");
  const version = "v3.150.0";
  const manifest = { time: "2026-01-01T00:00:00Z", magic: hash("sha256", version), version };
  const checkpoint = { stack: `organization/${name}/test`, latest: { manifest, metadata: {} } };
  await writeFile(join(directory, "stacks", name, "test.json"), JSON.stringify({ version: 3, checkpoint }));
}

/** Isolates a run from the settings of the machine, and prevents downloads. */
function hermetic(directory: string): NodeJS.ProcessEnv {
  return {
    HOME: directory,
    PULUMI_HOME: join(directory, ".pulumi-home"),
    PULUMI_BACKEND_URL: `file://${join(directory, ".pulumi-state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    // Every run starts three Node processes; a shared cache of compiled code saves a fifth of the time.
    NODE_COMPILE_CACHE: join(repository, ".local", "compile-cache"),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** Flags for the most verbose log of the engine and its plugins. */
export const mostVerbose = ["-v=20", "--logtostderr", "--logflow"] as const;

/** The lines of an output that contain a secret, each with the names of the secrets, truncated for readable failures. */
export function linesWithSecrets(
  secrets: Readonly<Record<string, string>>,
  { output }: Pick<Outcome, "output">,
): string[] {
  return output.split("\n").flatMap((line) => {
    const found = Object.keys(secrets).filter((name) => line.includes(secrets[name] ?? ""));
    return found.length === 0 ? [] : [`${found.join(", ")}: ${line.slice(0, 160)}`];
  });
}

/**
 * Lines of the most verbose log in which the engine, the YAML host or Pulumi's SDK for Node prints the properties of a resource, secrets
 * included, in clear text. A provider cannot prevent this: https://github.com/pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go.
 */
export const enginePropertyLines =
  /(?:"msg":"|rpc\.go:\d+\] )(?:Unm|M)arshaling property for RPC\[|"msg":"(?:RegisterResource RPC finished|eventSink::Debug\(<\{%reset%\}>RegisterResource RPC finished)/;
