// `npm run rehearse`: builds a release twice and compares all bytes, publishes it to servers on this machine, and installs it as its users do.
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../support/engine/testProject.ts";
import { ensureParts, partsFor } from "../support/parts/ensureParts.ts";
import { nodeArchives } from "./nodeArchives.ts";
import { buildRelease, cloneTag, copyWorkingTree, maintainer, replaceOwner } from "./rounds.ts";
import { startRegistry, startReleases } from "./servers.ts";
import { bash, step, together } from "./steps.ts";
import { inGo, inPython, inTypeScript, inYaml, type Release, smokeTest } from "./strangers.ts";

const started = Date.now();

async function rehearse(work: string): Promise<void> {
  const { name, version, repository: address } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
  const isPlaceholder = address.url.includes("/OWNER/");
  const [, owner = ""] = isPlaceholder ? ["", "acme"] : (/\/\/[^/]+\/([^/]+)\//.exec(address.url) ?? []);
  const tag = `v${version}`;
  const [clone, copy] = [join(work, "clone"), join(work, "elsewhere", "copy")];
  await mkdir(clone);
  await mkdir(copy, { recursive: true });

  const archives = await step("find the parts and Node.js for all systems", async () => {
    await ensureParts(["pulumi", "pulumi-language-yaml", ...partsFor.languages]);
    return nodeArchives();
  });
  if (isPlaceholder) {
    const pack = `npm run pack:plugin -- --all ${archives} ${join(work, "refused")}`;
    await step("refuse a release without an owner", () =>
      bash(pack, { cwd: repository, env: maintainer }, { code: 1, expected: ["error: replace OWNER"] }),
    );
  }
  const [first = "", second = ""] = await together(
    step(`build the tag ${tag} in a clone`, async () => {
      await cloneTag(tag, clone);
      await replaceOwner(clone, owner);
      return buildRelease(clone, archives);
    }),
    step("build the files of the working tree in another directory", async () => {
      await copyWorkingTree(copy);
      await replaceOwner(copy, owner);
      return buildRelease(copy, archives);
    }),
  );
  await step("compare all bytes of both builds", async () => {
    const sums = `diff --recursive --brief ${first} ${second} && sha256sum ${first}/*`;
    console.log((await bash(sums, { cwd: work, env: maintainer })).replace(/^/gm, "          ").trimEnd());
    await bash("sha256sum --check --strict SHA256SUMS", { cwd: first, env: maintainer });
  });

  const upstream = (await bash("npm config get registry", { cwd: work, env: maintainer })).trim();
  const registry = await startRegistry(name, upstream);
  const releases = await startReleases(first, { repository: `${owner}/pulumi-aws-auth`, tag, work });
  const system = `${process.platform}-${process.arch.replace("x64", "amd64")}`;
  const release: Release = { version, system, source: clone, work, registry, releases };
  try {
    await step("publish to a registry on this machine", () => {
      const token = `--registry http://${registry.host}/ --//${registry.host}/:_authToken=rehearsal`;
      const publish = `npm publish ./release/*.tgz --access public --ignore-scripts --provenance=false ${token}`;
      return bash(publish, { cwd: clone, env: maintainer });
    });
    await step("run the smoke test of the release workflow", () => smokeTest(copy, tag, release));
    await together(
      step("TypeScript: install, preview, up, destroy", () => inTypeScript(release)).then(() =>
        step("Python, without Node.js: install, preview, up, destroy", () => inPython(release)),
      ),
      step("YAML, without Node.js: install, preview, up, drift, refresh, import, destroy", () => inYaml(release)).then(
        () => step("Go, without Node.js: install, preview, up, destroy", () => inGo(release)),
      ),
    );
  } finally {
    registry.stop();
    releases.stop();
  }
}

// A regular exit removes the directory.
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.once(signal, () => process.exit(128 + number));
}
const work = await mkdtemp(join(tmpdir(), "aws-auth-rehearsal-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true, maxRetries: 3 }));
try {
  await rehearse(work);
  console.log(
    `rehearsed in ${Math.round((Date.now() - started) / 1000)} s: two equal builds, and users in four languages`,
  );
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
