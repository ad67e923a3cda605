import { repository } from "../../support/engine/testProject.ts";
import { runCommand } from "./runCommand.ts";

/** A file of a tarball. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
  /** Its permissions. */
  readonly mode: number;
}

/** What `npm pack` made, or would make. */
export interface Tarball {
  /** Its name in the directory that it was packed into. */
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly PackedFile[];
}

/** Packs the built package, or another one, into `destination`. */
export async function packInto(destination: string, source: string = repository): Promise<Tarball> {
  return pack(source, "--pack-destination", destination);
}

/** What a pack of the built package would hold. */
export async function packedFiles(): Promise<Tarball> {
  return pack(repository, "--dry-run");
}

async function pack(source: string, ...args: readonly string[]): Promise<Tarball> {
  const printed = await runCommand("npm", ["pack", "--json", "--ignore-scripts", ...args], { cwd: source });
  const [tarball]: readonly [Tarball] = JSON.parse(printed);
  return tarball;
}
