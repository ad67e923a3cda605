// `npm run pack:plugin [-- DIRECTORY]`: packs the resource plugin for this system, by default into .local/plugin. With `--all NODE`, packs a
// release: the plugin for all systems, and the npm package. NODE is a directory with files of https://nodejs.org/dist/VERSION/ under their
// names: SHASUMS256.txt, the archives for Linux and macOS, and win-x64/node.exe.
import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { create, extract } from "tar";
import { bundlePlugin, writeExecutable } from "./executable.ts";

/** A Node.js for a system: its executable, and the text of its license. */
interface Node {
  readonly executable: string;
  readonly license: string;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const repository = join(import.meta.dirname, "..");
const systems = ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64", "windows-amd64"];
const plugin = "pulumi-resource-aws-auth";

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { all: { type: "string" } }, allowPositionals: true });
  const [output = join(repository, ".local", "plugin"), ...others] = positionals;
  if (others.length > 0) {
    throw new Error(
      `expected one DIRECTORY, but also got ${others.join(" ")}; specify options after "--", since npm takes those before it`,
    );
  }
  // The modes of the files in an archive are those of no user.
  process.umask(0o022);
  const directory = resolve(output);
  mkdirSync(directory, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "aws-auth-pack-"));
  try {
    const files = await packInto(directory, work, values.all);
    const sums = files.map((file) => `${hash("sha256", readFileSync(join(directory, file)))}  ${file}\n`).join("");
    writeFileSync(join(directory, "SHA256SUMS"), sums);
    console.log(`${sums}packed into ${directory}`);
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function packInto(directory: string, work: string, dist: string | undefined): Promise<readonly string[]> {
  const isRelease = dist !== undefined;
  checkPins(isRelease);
  const files: string[] = [];
  const bundle = await bundlePlugin(work);
  const { version } = packageIn(".");
  copyFileSync(join(repository, "LICENSE"), join(work, "LICENSE"));
  for (const system of isRelease ? systems : [thisSystem()]) {
    const node = isRelease ? await nodeOf(system, dist, work) : thisNode();
    const executable = system.startsWith("windows") ? `${plugin}.exe` : plugin;
    writeExecutable(node.executable, bundle, join(work, executable));
    writeFileSync(join(work, "THIRD-PARTY-LICENSES"), licensesOf(bundle.packages, node));
    const file = `${plugin}-v${version}-${system}.tar.gz`;
    await create({ file: join(directory, file), cwd: work, gzip: true, portable: true, mtime: new Date(0) }, [
      executable,
      "LICENSE",
      "THIRD-PARTY-LICENSES",
    ]);
    files.push(file);
  }
  if (isRelease) {
    files.push(packNpm(directory));
  }
  writeFileSync(join(directory, "sbom.cdx.json"), `${JSON.stringify(sbomOf(bundle.packages), undefined, 2)}\n`);
  return [...files, "sbom.cdx.json"];
}

/** Refuses another Node.js than the one of package-lock.json, and a release for which the repository's owner is still the placeholder. */
function checkPins(isRelease: boolean): void {
  const files = ["package-lock.json", "package.json", "provider/plugin/schema.json"];
  const [lock = "", ...named] = files.map((file) => readFileSync(join(repository, file), "utf8"));
  const { version } = JSON.parse(lock).packages["node_modules/node"];
  if (process.versions.node !== version) {
    throw new Error(`this is Node.js ${process.versions.node}; pack with ${version}, which package-lock.json pins`);
  }
  if (isRelease && named.some((text) => text.includes("/OWNER/"))) {
    throw new Error(
      "replace OWNER with the owner of the repository on GitHub, in all files that contain OWNER/pulumi-aws-auth",
    );
  }
}

function packNpm(directory: string): string {
  if (!existsSync(join(repository, "dist", "cli", "main.js"))) {
    throw new Error('the npm package is not built; run "npm run build"');
  }
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory];
  return execFileSync("npm", args, { cwd: repository, encoding: "utf8" }).trim();
}

function thisSystem(): string {
  return `${process.platform.replace("win32", "windows")}-${process.arch.replace("x64", "amd64")}`;
}

/** This Node.js, as its archive or the npm package `node` installs it. */
function thisNode(): Node {
  const [license] = globSync([
    join(dirname(process.execPath), "..", "LICENSE"),
    join(dirname(process.execPath), "..", "node_modules", "node-*", "LICENSE"),
  ]);
  if (license === undefined) {
    throw new Error(
      `there is no Node.js license next to ${process.execPath}; run "npm ci", or use Node.js from an archive of nodejs.org`,
    );
  }
  return { executable: process.execPath, license: readFileSync(license, "utf8") };
}

/** The Node.js of an official archive, after its checksum was compared. */
async function nodeOf(system: string, dist: string, work: string): Promise<Node> {
  const sums = join(dist, "SHASUMS256.txt");
  const verified = (name: string) => {
    const file = join(dist, name);
    const line = existsSync(file) && `${hash("sha256", readFileSync(file))}  ${name}\n`;
    if (!line || !existsSync(sums) || !readFileSync(sums, "utf8").includes(line)) {
      const source = `https://nodejs.org/dist/${process.version}/`;
      throw new Error(`${file} is not the file that ${sums} names; download both from ${source}`);
    }
    return file;
  };
  // The license is the same for all systems.
  const name = `node-${process.version}-${system.replace("windows", "linux").replace("amd64", "x64")}`;
  await extract({ file: verified(`${name}.tar.gz`), cwd: work }, [`${name}/bin/node`, `${name}/LICENSE`]);
  return {
    executable: system.startsWith("windows") ? verified("win-x64/node.exe") : join(work, name, "bin", "node"),
    license: readFileSync(join(work, name, "LICENSE"), "utf8"),
  };
}

/** The license of each package in the executable. */
function licensesOf(packages: readonly string[], node: Node): string {
  const texts = packages.map((directory) => {
    const { name, version, license } = packageIn(directory);
    const found = globSync(join(repository, directory, "{LICENSE,LICENCE,NOTICE,license}*")).sort();
    if (found.length === 0 && license !== packageIn(".").license) {
      throw new Error(`${directory} does not contain the text of its license, ${license}`);
    }
    // Some packages of AWS contain no text of the license that is also the one of this package.
    const files = found.length === 0 ? [join(repository, "LICENSE")] : found;
    return [`${name} ${version}: ${license}`, ...files.map((file) => readFileSync(file, "utf8").trim())].join("\n\n");
  });
  return [...texts, `Node.js ${process.version}\n\n${node.license}`].join(`\n\n${"-".repeat(80)}\n\n`);
}

/** What the executable contains, as a CycloneDX document. It has no time and no serial number, so that each build produces the same bytes. */
function sbomOf(packages: readonly string[]): object {
  const components = packages.map((directory) => {
    const { name, version, license } = packageIn(directory);
    const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
    return { type: "library", "bom-ref": purl, name, version, purl, licenses: [{ expression: license }] };
  });
  const { version, license } = packageIn(".");
  // An empty version means that this Node.js was built without the part. `modules` and `napi` are versions of interfaces.
  const partsOfNode = Object.entries(process.versions).filter(
    ([name, version]) => version && !["node", "modules", "napi"].includes(name),
  );
  const node = {
    type: "platform",
    name: "node",
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
    components: partsOfNode.map(([name, version]) => ({ type: "library", name, version })),
  };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name: plugin, version, licenses: [{ expression: license }] } },
    components: [node, ...components],
  };
}

function packageIn(directory: string): Package {
  return JSON.parse(readFileSync(join(repository, directory, "package.json"), "utf8"));
}

await main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
