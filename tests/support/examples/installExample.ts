import { cp, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../consumers/support/runCommand.ts";
import { packInto } from "../../consumers/support/tarball.ts";
import { unpackInto } from "../../consumers/support/unpack.ts";
import { readBlock } from "../docs/markdown.ts";
import { repository } from "../engine/testProject.ts";

/** An example out of the packed package, with links to this repository's copies of the packages that its package.json lists. */
export async function linkExample(name: string, directory: string): Promise<string> {
  const user = join(directory, "copy");
  await mkdir(user);
  const manifest = await readFile(join(repository, "examples", name, "package.json"), "utf8");
  const { dependencies, devDependencies } = JSON.parse(manifest);
  await unpackInto(user, undefined, Object.keys({ ...dependencies, ...devDependencies }));
  const modules = join(user, "node_modules");
  await cp(join(modules, "pulumi-aws-auth", "examples", name), join(user, name), { recursive: true });
  await rename(modules, join(user, name, "node_modules"));
  return join(user, name);
}

/** An example as the commands in examples/README.md create it, with the packed package instead of the published one. */
export async function installExample(name: string, directory: string): Promise<string> {
  const user = join(directory, "copy");
  await mkdir(user);
  // Without one npm would install into the test's project around it.
  await writeFile(join(user, "package.json"), "{}\n");
  const { filename } = await packInto(user);
  await rename(join(user, filename), join(user, "packed.tgz"));
  const commands = await readBlock("examples/README.md", "cp -R node_modules");
  const script = commands
    .replace("npm install pulumi-aws-auth\n", "npm install ./packed.tgz\n")
    .replaceAll("quickstart", name)
    .replace(/^npm install$/m, "npm pkg set dependencies.pulumi-aws-auth=file:../packed.tgz\nnpm install")
    .replace(/^pulumi login.*$/m, "");
  await runCommand("bash", ["-ec", script], { cwd: user, env: { npm_config_prefer_offline: "true" } });
  return join(user, name);
}
