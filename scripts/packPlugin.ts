// `npm run pack:plugin [-- DIRECTORY]`: packs the resource plugin for this system, by default into .local/plugin. With `--all NODE`, packs a
// release: the plugin for all systems, and the npm package. NODE is a directory with files of https://nodejs.org/dist/VERSION/ under their
// names: SHASUMS256.txt, the archives for Linux and macOS, and win-x64/node.exe.
import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
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
  const directory = resolve(positionals[0] ?? join(repository, ".local", "plugin"));
  const work = mkdtempSync(join(tmpdir(), "aws-auth-pack-"));
  mkdirSync(directory, { recursive: true });
  try {
    const files = await packInto(directory, work, values.all);
    const sums = files.map((file) => `${hash("sha256", readFileSync(join(directory, file)))}  ${file}\n`);
    writeFileSync(join(directory, "SHA256SUMS"), sums.join(""));
    for (const file of [...files, "SHA256SUMS"]) {
      console.log(join(relative(process.cwd(), directory), file));
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function packInto(directory: string, work: string, dist: string | undefined): Promise<readonly string[]> {
  const isRelease = dist !== undefined;
  const files = isRelease ? [packNpm(directory)] : [];
  const bundle = await bundlePlugin(work);
  const { version } = packageIn(".");
  for (const system of isRelease ? systems : [thisSystem()]) {
    const node = isRelease ? await nodeOf(system, dist, work) : thisNode();
    const executable = system.startsWith("windows") ? `${plugin}.exe` : plugin;
    writeExecutable(node.executable, bundle, join(work, executable));
    copyFileSync(join(repository, "LICENSE"), join(work, "LICENSE"));
    writeFileSync(join(work, "THIRD-PARTY-LICENSES"), licensesOf(bundle.packages, node));
    const file = `${plugin}-v${version}-${system}.tar.gz`;
    await create({ file: join(directory, file), cwd: work, gzip: true, portable: true, mtime: new Date(0) }, [
      executable,
      "LICENSE",
      "THIRD-PARTY-LICENSES",
    ]);
    files.push(file);
  }
  writeFileSync(join(directory, "sbom.cdx.json"), `${JSON.stringify(sbomOf(bundle.packages), undefined, 2)}\n`);
  return [...files, "sbom.cdx.json"];
}

/** Packs the npm package, which `npm run build` has built. */
function packNpm(directory: string): string {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory];
  return execFileSync("npm", args, { cwd: repository, encoding: "utf8" }).trim();
}

function thisSystem(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${system}-${process.arch === "x64" ? "amd64" : process.arch}`;
}

/** This Node.js, as its archive or the npm package `node` installs it. */
function thisNode(): Node {
  const [license] = globSync([
    join(dirname(process.execPath), "..", "LICENSE"),
    join(dirname(process.execPath), "..", "node_modules", "node-*", "LICENSE"),
  ]);
  if (license === undefined) {
    throw new Error(`there is no license of Node.js next to ${process.execPath}; run "npm ci"`);
  }
  return { executable: process.execPath, license: readFileSync(license, "utf8") };
}

/** The Node.js of an official archive, after its checksum was compared. */
async function nodeOf(system: string, dist: string, work: string): Promise<Node> {
  const sums = readFileSync(join(dist, "SHASUMS256.txt"), "utf8");
  const verified = (name: string) => {
    const file = join(dist, name);
    if (!sums.includes(`${hash("sha256", readFileSync(file))}  ${name}\n`)) {
      throw new Error(`${file} is not the file in SHASUMS256.txt; download it again`);
    }
    return file;
  };
  const unpack = async (archive: string) => {
    await extract({ file: verified(`${archive}.tar.gz`), cwd: work }, [`${archive}/bin/node`, `${archive}/LICENSE`]);
    return {
      executable: join(work, archive, "bin", "node"),
      license: readFileSync(join(work, archive, "LICENSE"), "utf8"),
    };
  };
  // The license is the same for all systems.
  const name = `node-${process.version}-${system.replace("windows", "linux").replace("amd64", "x64")}`;
  const node = await unpack(name);
  return system.startsWith("windows") ? { ...node, executable: verified("win-x64/node.exe") } : node;
}

/** The license of each package in the executable. */
function licensesOf(packages: readonly string[], node: Node): string {
  const texts = packages.map((directory) => {
    const { name, version, license } = packageIn(directory);
    const files = globSync(join(repository, directory, "{LICENSE,LICENCE,NOTICE,license}*")).sort();
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
  const node = {
    type: "platform",
    name: "node",
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
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
