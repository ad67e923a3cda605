import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { parse } from "yaml";
import { shellEnvironment } from "../support/consumers/packing.ts";
import { repository } from "../support/engine/testProject.ts";
import { bash, type Environment } from "./steps.ts";

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }>
  >;
}

/** The commands of a step of the release workflow. */
export function stepOfWorkflow(job: string, name: string): string {
  const workflow: Workflow = parse(readFileSync(join(repository, ".github/workflows/publish.yml"), "utf8"));
  const run = workflow.jobs[job]?.steps.find((step) => step.name === name)?.run;
  if (run === undefined) {
    throw new Error(`publish.yml has no step ${job}: ${name}`);
  }
  return run;
}

/** The environment of a maintainer: this Node.js first on PATH, without the variables of `npm run`. */
export const maintainer: Environment = {
  ...shellEnvironment(),
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
  npm_config_prefer_offline: "true",
};

/** Clones a tag of the current commit into a directory. */
export async function cloneTag(tag: string, directory: string): Promise<void> {
  const options = { cwd: repository, env: maintainer };
  const commit = (await bash("git rev-parse HEAD", options)).trim();
  await bash(`git clone --quiet --no-checkout . ${directory}`, options);
  await bash(`git tag --force ${tag} ${commit} && git -c advice.detachedHead=false checkout --quiet ${tag}`, {
    ...options,
    cwd: directory,
  });
}

/** Copies the files of the working tree, whether they are committed or not, into a directory. */
export async function copyWorkingTree(directory: string): Promise<void> {
  const list = "git ls-files -z --cached --others --exclude-standard";
  const files = (await bash(list, { cwd: repository, env: maintainer })).split("\0").filter((file) => file !== "");
  for (const file of files) {
    // A removed file is listed until the removal is committed.
    if (existsSync(join(repository, file))) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await cp(join(repository, file), join(directory, file));
    }
  }
}

/** Names the owner of the repository on GitHub, as before the first release. */
export async function replaceOwner(directory: string, owner: string): Promise<void> {
  const [before, after] = ["OWNER/pulumi-aws-auth", `${owner}/pulumi-aws-auth`];
  await bash(`grep -rlI --exclude-dir=.git ${before} . | xargs --no-run-if-empty sed -i s#${before}#${after}#g`, {
    cwd: directory,
    env: maintainer,
  });
}

/** Builds a release in a directory with the commands of the release workflow, and returns the directory of its assets. */
export async function buildRelease(directory: string, archives: string): Promise<string> {
  await symlink(archives, join(directory, "node"));
  await bash(stepOfWorkflow("build", "Build the release"), { cwd: directory, env: maintainer });
  return join(directory, "release");
}
