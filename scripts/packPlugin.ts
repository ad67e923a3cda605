// `npm run pack:plugin [-- DIRECTORY]`: packs the resource plugin as the folder `aws-auth` for `pulumi package add`, and as a tarball
// for each platform, with the names that Pulumi expects in a release.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const repository = join(import.meta.dirname, "..");
const directory = resolve(process.argv[2] ?? join(repository, ".local", "plugin"));
const folder = join(directory, "aws-auth");
const { version, license, engines, peerDependencies } = JSON.parse(
  readFileSync(join(repository, "package.json"), "utf8"),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: repository });
// Pulumi runs `npm install` in the unpacked plugin, which installs the npm package and its dependencies.
const manifest = {
  name: "pulumi-resource-aws-auth",
  private: true,
  version,
  license,
  engines,
  main: "node_modules/pulumi-aws-auth/dist/provider/plugin/main.js",
  dependencies: {
    "@pulumi/pulumi": peerDependencies["@pulumi/pulumi"],
    "pulumi-aws-auth": `file:pulumi-aws-auth-${version}.tgz`,
  },
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
writeFileSync(join(folder, "PulumiPlugin.yaml"), "runtime: nodejs\n");
copyFileSync(join(repository, "LICENSE"), join(folder, "LICENSE"));
for (const name of ["pulumi-resource-aws-auth", "pulumi-resource-aws-auth.cmd"]) {
  const script = readFileSync(join(repository, "plugin", name), "utf8");
  // In the npm package, plugin/ is next to dist/; here the script is next to node_modules/.
  const moved = script
    .replace("/../", "/node_modules/pulumi-aws-auth/")
    .replace("..\\", "node_modules\\pulumi-aws-auth\\");
  writeFileSync(join(folder, name), moved, { mode: 0o755 });
}
const tarballs = ["darwin", "linux", "windows"].flatMap((system) =>
  ["amd64", "arm64"].map((arch) => `pulumi-resource-aws-auth-v${version}-${system}-${arch}.tar.gz`),
);
for (const name of tarballs) {
  execFileSync("tar", ["--create", "--gzip", "--file", join(directory, name), "--directory", folder, "."]);
}
writeFileSync(join(directory, "SHA256SUMS"), execFileSync("sha256sum", tarballs, { cwd: directory }));
for (const name of [...tarballs, "SHA256SUMS", "aws-auth"]) {
  console.log(join(relative(process.cwd(), directory), name));
}
