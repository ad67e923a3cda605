import { ensureParts, type PartName } from "./ensureParts.ts";

/** Brings parts before the suites that use them, so that no test waits for a build, and says where they are. */
export async function showParts(names: readonly PartName[]): Promise<void> {
  const parts = await ensureParts(names);
  for (const name of names) {
    console.log(`${name}: ${parts[name].directory} (${parts[name].from})`);
  }
}
