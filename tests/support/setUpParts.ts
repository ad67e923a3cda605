import { partsFor } from "./parts/ensureParts.ts";
import { showParts } from "./parts/showParts.ts";

/** Before the suites on real parts: every part of theirs. */
export default async function setUp(): Promise<void> {
  await showParts(partsFor.test);
}
