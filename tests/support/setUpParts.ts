import type { TestProject } from "vitest/node";
import { ensureParts, partsFor } from "./parts/ensureParts.ts";

/** Provides the parts of a project's suites before they run, so that no test waits for a build, and prints their paths. */
export default async function setUp({ name }: TestProject): Promise<void> {
  const others = name === "languages" || name === "peers" ? partsFor[name] : [];
  for (const [part, { directory, from }] of Object.entries(await ensureParts([...partsFor.real, ...others]))) {
    console.log(`${part}: ${directory} (${from})`);
  }
}
