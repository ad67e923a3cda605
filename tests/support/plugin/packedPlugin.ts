import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../engine/testProject.ts";

/** The packed plugin, in a temporary directory. */
export interface PackedPlugin {
  readonly directory: string;
  /** Path of the archive for this system. */
  readonly tarball: string;
  remove(): Promise<void>;
}

/** Packs the plugin of this repository. */
export async function packedPlugin(): Promise<PackedPlugin> {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-packed-"));
  execFileSync(process.execPath, [join(repository, "scripts", "packPlugin.ts"), directory]);
  const [name = ""] = (await readdir(directory)).filter((file) => file.endsWith(".tar.gz"));
  return {
    directory,
    tarball: join(directory, name),
    remove: () => rm(directory, { recursive: true }),
  };
}
