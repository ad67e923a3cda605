import type { TestProject } from "vitest/node";
import { ensureParts, partsFor } from "./parts/ensureParts.ts";
import { ensureExecutable } from "./plugin/executable.ts";

/** Provides the parts of a project's suites and the plugin before they run, so that no test waits for a build. Prints the paths of the parts. */
export default async function setUp({ name }: TestProject): Promise<void> {
  const others = name === "languages" || name === "peers" ? partsFor[name] : [];
  for (const [part, { directory, from }] of Object.entries(await ensureParts([...partsFor.real, ...others]))) {
    console.log(`${part}: ${directory} (${from})`);
  }
  await ensureExecutable();
}
