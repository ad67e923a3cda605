import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { installedVersion } from "./support/installedVersion.ts";
import { addedSizes, diskSize, mostAdded, total } from "./support/installSize.ts";
import { npm } from "./support/packageManagers.ts";
import { packInto } from "./support/tarball.ts";

it("an installation of the packed package with npm adds at most 25 MiB to one of @pulumi/pulumi", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aws-auth-size-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { filename, files } = await packInto(folder);
  const pulumi = { "@pulumi/pulumi": installedVersion("@pulumi/pulumi") };
  const alone = await installed(join(folder, "alone"), pulumi);
  const together = await installed(join(folder, "together"), {
    ...pulumi,
    "pulumi-aws-auth": `file:${join(folder, filename)}`,
  });
  const added = together - alone;
  expect(added).toBeLessThanOrEqual(mostAdded);
  // What the test of every run makes of it by what this repository has installed.
  const estimated = total(await addedSizes(files));
  expect(Math.abs(added - estimated), `${added} installed, ${estimated} estimated`).toBeLessThan(1024 * 1024);
}, 600_000);

/** What an installation of these dependencies takes on disk, in bytes. */
async function installed(folder: string, dependencies: Readonly<Record<string, string>>): Promise<number> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await npm.install(folder);
  return diskSize(join(folder, "node_modules"));
}
