import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BundledPackage } from "../../../scripts/plugin/notices.ts";
import { packPlugin } from "../../../scripts/plugin/pack.ts";
import { repository } from "../engine/testProject.ts";

/** The packed plugin, in a temporary directory. */
export interface PackedPlugin {
  readonly directory: string;
  /** Path of a tarball; those of other systems are the same. */
  readonly tarball: string;
  /** Path of the folder for `pulumi package add`. */
  readonly folder: string;
  /** File names of all tarballs. */
  readonly tarballs: readonly string[];
  /** The packages whose code is in them. */
  readonly packages: readonly BundledPackage[];
  remove(): Promise<void>;
}

/** Packs the plugin of this repository. */
export async function packedPlugin(): Promise<PackedPlugin> {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-packed-"));
  const packed = await packPlugin(repository, directory);
  const [name = ""] = packed.tarballs.filter((tarball) => tarball.includes("linux-amd64"));
  return {
    ...packed,
    directory,
    tarball: join(directory, name),
    folder: join(directory, "aws-auth"),
    remove: () => rm(directory, { recursive: true }),
  };
}
