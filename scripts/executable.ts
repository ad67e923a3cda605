// The resource plugin as one executable: Node.js with the bundled plugin in it.
import { execFileSync } from "node:child_process";
import { chmodSync, globSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";

const repository = join(import.meta.dirname, "..");
const { resolve } = createRequire(import.meta.url);

export interface Bundle {
  /** Path of the file that belongs into a Node.js of the version of this one, for any system. */
  readonly blob: string;
  /** The directories of the packages whose code is in the bundle, relative to the repository. */
  readonly packages: readonly string[];
}

/** Bundles the plugin into a directory. The same sources and packages produce the same bytes in any directory. */
export async function bundlePlugin(directory: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: ["provider/plugin/main.ts"],
    outfile: join(directory, "plugin.cjs"),
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    target: "node24",
    metafile: true,
    plugins: [modulesOfSdk],
  });
  const settings = {
    main: "plugin.cjs",
    output: "plugin.blob",
    disableExperimentalSEAWarning: true,
    // As in plugin/pulumi-resource-aws-auth.
    execArgv: ["--max-semi-space-size=2", "--use-system-ca"],
    // NODE_OPTIONS is for the Node.js of the user, which may have another version.
    execArgvExtension: "none",
  };
  writeFileSync(join(directory, "sea-config.json"), JSON.stringify(settings));
  execFileSync(process.execPath, ["--experimental-sea-config", "sea-config.json"], { cwd: directory, stdio: "pipe" });
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const packages = used.flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? (/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []) : [],
  );
  return { blob: join(directory, "plugin.blob"), packages: [...new Set(packages)].sort() };
}

/** Writes `executable`: a copy of `node`, which may be that of another system, that runs the plugin. */
export function writeExecutable(node: string, { blob }: Bundle, executable: string): void {
  // No executable without the plugin remains after a failure.
  const unfinished = `${executable}.tmp`;
  const bytes = readFileSync(node);
  if (bytes.toString("latin1", 0, 2) === "MZ") {
    // The signature of Node.js would not match. Its table is the fifth one: https://learn.microsoft.com/windows/win32/debug/pe-format
    const optionalHeader = bytes.readUInt32LE(0x3c) + 24;
    bytes.fill(0, optionalHeader + 144, optionalHeader + 152);
  }
  writeFileSync(unfinished, bytes);
  chmodSync(unfinished, 0o755);
  // The fuse is a constant of Node.js: https://nodejs.org/api/single-executable-applications.html
  const fuse = ["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"];
  const args = [unfinished, "NODE_SEA_BLOB", blob, ...fuse, "--macho-segment-name", "NODE_SEA"];
  // Prints warnings about notes in Node.js.
  execFileSync(process.execPath, [resolve("postject/dist/cli.js"), ...args], { stdio: "pipe" });
  if (process.platform === "darwin" && bytes.readUInt32LE() === 0xfeedfacf) {
    // macOS refuses an executable of its format whose signature does not match.
    execFileSync("codesign", ["--force", "--sign", "-", unfinished], { stdio: "pipe" });
  }
  renameSync(unfinished, executable);
}

/** Lets the bundler follow the modules of Pulumi's SDK, which the npm package resolves when it runs. */
const modulesOfSdk: Plugin = {
  name: "modules-of-sdk",
  setup({ onLoad }) {
    const sources = globSync("provider/**/*.ts", { cwd: repository });
    const names = sources.flatMap((file) =>
      Array.from(
        readFileSync(join(repository, file), "utf8").matchAll(/\bloadFromSdk\(("[^"]+")\)/g),
        ([, name]) => name,
      ),
    );
    const table = [...new Set(names)].sort().map((name) => `${name}: () => require(${name})`);
    onLoad({ filter: /[\\/]provider[\\/]pulumi[\\/]packages\.ts$/ }, () => ({
      contents: `const modules = { ${table.join(", ")} }; exports.loadFromSdk = (name) => modules[name]();`,
      resolveDir: dirname(resolve("@pulumi/pulumi/package.json")),
    }));
  },
};
