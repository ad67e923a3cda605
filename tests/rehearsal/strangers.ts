import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cachesOf } from "../package/languages/caches.ts";
import { parsePage } from "../support/docs/markdown.ts";
import { findOnPath } from "../support/parts/buildParts.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { stepOfWorkflow } from "./rounds.ts";
import type { ReleaseServer, Running } from "./servers.ts";
import { bash, type Environment, newUser, StepError } from "./steps.ts";

/** What a release offers to its users, and the directory in which they start. */
export interface Release {
  readonly version: string;
  /** This system, as in the names of the archives. */
  readonly system: string;
  /** The sources of the release, with its documentation and `release/`. */
  readonly source: string;
  readonly work: string;
  readonly registry: Running;
  readonly releases: ReleaseServer;
}

/** Someone who has read the documentation of a release, in an empty directory with an empty home directory. */
class Stranger {
  readonly release: Release;
  readonly directory: string;
  readonly #env: Environment;

  constructor(release: Release, directory: string, env: Environment) {
    this.release = release;
    this.directory = directory;
    this.#env = env;
  }

  /** Runs lines of bash, whose output must contain the expected strings. */
  run(script: string, ...expected: readonly string[]): Promise<string> {
    return bash(withOwnState(script), { cwd: this.directory, env: this.#env }, { expected });
  }

  /** Runs lines of bash that must fail with this error. */
  fails(script: string, error: string): Promise<string> {
    return bash(script, { cwd: this.directory, env: this.#env }, { expected: [error], code: 1 });
  }

  /** The first block of a page of the release that contains a string. */
  async documented(page: string, text: string): Promise<string> {
    const { blocks } = parsePage(page, await readFile(join(this.release.source, page), "utf8"));
    const block = blocks.find((candidate) => candidate.text.includes(text));
    if (block === undefined) {
      throw new StepError(`${page} has no block with ${JSON.stringify(text)}`);
    }
    return block.text;
  }
}

/**
 * A user without Node.js: PATH contains only the Pulumi CLI, a language host, and the named programs of this machine.
 *
 * @param env caches of the language, since nothing is tested by downloading its packages again.
 */
async function strangerWithoutNode(
  release: Release,
  name: string,
  hosts: readonly string[],
  programs: readonly string[],
  env: Environment = {},
): Promise<Stranger> {
  const home = join(release.work, name);
  const bin = join(home, ".bin");
  await mkdir(join(home, "access"), { recursive: true });
  await mkdir(bin);
  for (const program of ["cat", "mkdir", "sha256sum", ...programs]) {
    await symlink(programFile(program), join(bin, program));
  }
  const { pulumi } = await ensureParts(["pulumi"]);
  const stranger = new Stranger(release, join(home, "access"), {
    ...newUser(home, [pulumi.directory, ...hosts, bin]),
    SSL_CERT_FILE: release.releases.certificate,
    SSL_CERT_DIR: process.env["SSL_CERT_DIR"] ?? "/etc/ssl/certs",
    // Redirects every address on GitHub.
    PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^github://api.github.com/(.*)$=github://${release.releases.host}/$1`,
    ...env,
  });
  await stranger.run("for program in node npm npx; do ! command -v $program || exit 1; done");
  return stranger;
}

/** `--local` is the home directory of the user, whatever HOME is. */
function withOwnState(script: string): string {
  return script.replace("pulumi login --local", 'pulumi login "file://$HOME"');
}

/** The program itself, not a script that finds it, such as those of pyenv. */
function programFile(program: string): string {
  const file = findOnPath(program);
  if (file === undefined) {
    throw new StepError(`there is no ${program} on PATH`);
  }
  return program === "python3"
    ? execFileSync(file, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim()
    : file;
}

/** What the release workflow does on each system before it publishes. */
export async function smokeTest(directory: string, tag: string, { system, work }: Release): Promise<void> {
  const home = join(work, "smoke");
  await mkdir(home);
  const parts = await ensureParts(["pulumi", "pulumi-language-yaml"]);
  const PULUMI = [parts.pulumi.directory, parts["pulumi-language-yaml"].directory].join(":");
  await bash(withOwnState(stepOfWorkflow("smoke", "Preview a YAML program without Node.js")), {
    cwd: directory,
    env: { ...newUser(home, []), PULUMI, GITHUB_REF_NAME: tag, SYSTEM: system },
  });
}

export async function inTypeScript(release: Release): Promise<void> {
  const home = join(release.work, "typescript");
  await mkdir(home);
  const { pulumi } = await ensureParts(["pulumi"]);
  const stranger = new Stranger(release, home, {
    ...newUser(home, [pulumi.directory, dirname(process.execPath), process.env["PATH"] ?? ""]),
    npm_config_registry: `http://${release.registry.host}/`,
    npm_config_cache: execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim(),
    npm_config_audit: "false",
  });
  const program = await stranger.documented("README.md", 'new awsAuth.IdentityMapping("developers"');
  await stranger.run(await stranger.documented("README.md", "npm install pulumi-aws-auth"));
  await writeFile(join(home, "access", "index.ts"), program);
  await stranger.run("cd access; pulumi preview --diff", "role/developers: gains group viewers", "+ 2 to create");
  await stranger.run("cd access; pulumi up", "+ 2 created");
  await stranger.run("cd access; grep username: aws-auth.yaml", "developer:{{SessionName}}");
  await stranger.run("cd access; npx pulumi-aws-auth get --manifest aws-auth.yaml", "role/developers");
  await stranger.run("cd access; pulumi destroy", "- 2 deleted");
}

export async function inYaml(release: Release): Promise<void> {
  const { "pulumi-language-yaml": host } = await ensureParts(["pulumi-language-yaml"]);
  const stranger = await strangerWithoutNode(release, "yaml", [host.directory], []);
  const install = (await stranger.documented("docs/other-languages.md", "pulumi plugin install")).trim();
  const sum = async (file: string) => hash("sha256", await readFile(join(release.source, "release", file)));
  const checksum = await sum(`pulumi-resource-aws-auth-v${release.version}-${release.system}.tar.gz`);
  await stranger.fails(`${install} --checksum ${await sum("SHA256SUMS")}`, "invalid checksum");
  await stranger.run(`${install} --checksum ${checksum}`);
  const existing = `apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/admin
      username: admin
      groups: [operators]
`;
  const map = join(stranger.directory, "aws-auth.yaml");
  await writeFile(map, existing);
  await stranger.run(await stranger.documented("docs/other-languages.md", "runtime: yaml"), "+ 2 to create");
  await stranger.run("pulumi up", "+ 2 created");
  await stranger.run("pulumi preview --expect-no-changes");
  const written = await readFile(map, "utf8");
  await writeFile(map, written.replace("- viewers", "- auditors"));
  await stranger.run("pulumi preview", "~ 1 to update", "drift");
  await stranger.run("pulumi refresh", "~ 1 updated");
  await stranger.run("pulumi up", "~ 1 updated");
  await stranger.run(await stranger.documented("docs/other-languages.md", "pulumi import aws-auth"), "= 1 imported");
  await stranger.run("pulumi state unprotect --all; pulumi destroy", "- 3 deleted");
  const left = await readFile(map, "utf8");
  if (left.includes("role/")) {
    throw new StepError(`aws-auth.yaml still contains\n${left}`);
  }
}

/** A program in a language with a generated SDK, which is the example of the release. */
async function inLanguage(release: Release, language: "python" | "go", stranger: Stranger): Promise<void> {
  await cp(join(release.source, "examples/languages", language), stranger.directory, { recursive: true });
  const page = "examples/languages/README.md";
  await stranger.run(await stranger.documented("docs/other-languages.md", "pulumi plugin install"));
  await stranger.run(await stranger.documented(page, "pulumi package add"), "Added package");
  // As in CI: the SDK contains the address of the plugin.
  await stranger.run("pulumi plugin rm resource aws-auth --yes; pulumi login --local");
  const deploy = await stranger.documented(page, "pulumi up");
  await stranger.run(deploy, "+ 2 to create", "+ 2 created");
  await stranger.run("pulumi preview --expect-no-changes");
  await stranger.run("pulumi destroy", "- 2 deleted");
}

export async function inPython(release: Release): Promise<void> {
  const { "pulumi-language-python": host } = await ensureParts(["pulumi-language-python"]);
  const stranger = await strangerWithoutNode(release, "python", [host.directory], ["python3"], cachesOf.python);
  await inLanguage(release, "python", stranger);
}

export async function inGo(release: Release): Promise<void> {
  const { "pulumi-language-go": host } = await ensureParts(["pulumi-language-go"]);
  const stranger = await strangerWithoutNode(release, "go", [host.directory], ["go"], cachesOf.go);
  await inLanguage(release, "go", stranger);
}
