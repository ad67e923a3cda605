import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { installedVersion } from "./support/installedVersion.ts";
import { addedSizes, diskSize, mostAdded, total } from "./support/installSize.ts";
import { npm } from "./support/packageManagers.ts";
import { packInto } from "./support/tarball.ts";

it("an installation of the packed package with npm adds at most 35 MiB to one of @pulumi/pulumi", async () => {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-size-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const { filename, files } = await packInto(directory);
  const pulumi = { "@pulumi/pulumi": installedVersion("@pulumi/pulumi") };
  const alone = await installed(join(directory, "alone"), pulumi);
  const together = await installed(join(directory, "together"), {
    ...pulumi,
    "pulumi-aws-auth": `file:${join(directory, filename)}`,
  });
  const added = together - alone;
  expect(added).toBeLessThanOrEqual(mostAdded);
  // What the test of every run makes of it by what this repository has installed.
  const estimated = total(await addedSizes(files));
  expect(Math.abs(added - estimated), `${added} installed, ${estimated} estimated`).toBeLessThan(1024 * 1024);
}, 600_000);

/** What an installation of these dependencies takes on disk, in bytes. */
async function installed(directory: string, dependencies: Readonly<Record<string, string>>): Promise<number> {
  await mkdir(directory);
  await writeFile(join(directory, "package.json"), JSON.stringify({ private: true, dependencies }));
  await npm.install(directory);
  return diskSize(join(directory, "node_modules"));
}
