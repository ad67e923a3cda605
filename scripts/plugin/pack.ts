import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundlePlugin } from "./bundle.ts";
import { type BundledPackage, notices, packagesOf } from "./notices.ts";

/** What a release has for each system, all with the same content. */
const systems = ["darwin", "linux", "windows"].flatMap((system) =>
  ["amd64", "arm64"].map((arch) => `${system}-${arch}`),
);

/** The start scripts, which in the npm package start what is there beside them. */
const startScripts = ["pulumi-resource-aws-auth", "pulumi-resource-aws-auth.cmd"];
const inPackage = /\.\.([\\/])dist\1provider\1plugin\1main\.js/g;

interface PackedFile {
  /** Its path, with slashes. */
  readonly path: string;
  readonly isExecutable: boolean;
  readonly content: Buffer;
}

/** The packed plugin. */
export interface PackedPlugin {
  /** File names of the tarballs. */
  readonly tarballs: readonly string[];
  /** The packages whose code is in them. */
  readonly packages: readonly BundledPackage[];
}

type Manifest = Readonly<Record<string, unknown>> & {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/**
 * Packs the plugin into a directory: a tarball for each system, under the names that Pulumi expects in a release, the folder `aws-auth` for
 * `pulumi package add`, and SHA256SUMS. Removes what an earlier call has left there.
 */
export async function packPlugin(repository: string, directory: string): Promise<PackedPlugin> {
  const { files, sources } = await bundlePlugin(repository);
  const packages = packagesOf(sources, repository);
  const own: Manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  const { version, description, license, homepage, repository: origin, engines } = own;
  const manifest = { name: "pulumi-aws-auth", version, description, license, homepage, repository: origin, engines };
  // Loaded by its name, to say the version.
  const ofPlugin = { ...manifest, private: true, main: "main.js", exports: { "./package.json": "./package.json" } };
  const common = [
    ...startScripts.map((name) => startScript(repository, name)),
    ...Array.from(files, ([path, content]) => file(path, Buffer.from(content))),
    file("LICENSE", readFileSync(join(repository, "LICENSE"))),
    file("THIRD-PARTY-NOTICES", notices(packages)),
  ];
  const inTarball = [...common, file("package.json", json(ofPlugin))];
  // The runtime that Pulumi runs a folder with is the SDK.
  const { "@pulumi/pulumi": sdk } = own.peerDependencies;
  const inFolder = [
    ...common,
    file("package.json", json({ ...ofPlugin, dependencies: { "@pulumi/pulumi": sdk } })),
    file("PulumiPlugin.yaml", "runtime: nodejs\n"),
  ];

  removeEarlier(directory);
  writeFiles(join(directory, "aws-auth"), inFolder);
  const content = tarball(inTarball);
  const sum = createHash("sha256").update(content).digest("hex");
  const tarballs = systems.map((system) => `pulumi-resource-aws-auth-v${version}-${system}.tar.gz`);
  const sums = tarballs.map((name) => `${sum}  ${name}\n`).join("");
  writeFiles(directory, [...tarballs.map((name) => file(name, content)), file("SHA256SUMS", sums)]);
  return { tarballs, packages };
}

/** A compressed tarball. It says nothing of who made it, when and where: the same files give the same bytes. */
function tarball(files: readonly PackedFile[]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "aws-auth-tarball-"));
  try {
    writeFiles(directory, files);
    const anonymous = ["--format=ustar", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    const names = files.map(({ path }) => path).toSorted();
    const tar = execFileSync("tar", ["--create", ...anonymous, ...names], { cwd: directory, maxBuffer: 2 ** 30 });
    return gzipSync(tar, { level: 9 });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function removeEarlier(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const own = /^(aws-auth|SHA256SUMS|pulumi-resource-aws-auth-v.*\.tar\.gz)$/;
  for (const name of readdirSync(directory).filter((candidate) => own.test(candidate))) {
    rmSync(join(directory, name), { recursive: true });
  }
}

function startScript(repository: string, name: string): PackedFile {
  const text = readFileSync(join(repository, "plugin", name), "utf8");
  if (text.match(inPackage)?.length !== 1) {
    throw new Error(`plugin/${name} has to name dist/provider/plugin/main.js once`);
  }
  return { ...file(name, text.replace(inPackage, "main.js")), isExecutable: true };
}

function file(path: string, content: string | Buffer): PackedFile {
  return { path, isExecutable: false, content: Buffer.from(content) };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function writeFiles(directory: string, files: readonly PackedFile[]): void {
  for (const { path, content, isExecutable } of files) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    chmodSync(target, isExecutable ? 0o755 : 0o644);
  }
}
