import { ensureParts, partsFor } from "./parts/ensureParts.ts";

/** Before the suites on real parts: every part, so that no test waits for a build. */
export default async function setUp(): Promise<void> {
  const parts = await ensureParts(partsFor.test);
  for (const name of partsFor.test) {
    console.log(`${name}: ${parts[name].folder} (${parts[name].from})`);
  }
}
