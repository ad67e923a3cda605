import { partsFor } from "./parts/ensureParts.ts";
import { showParts } from "./parts/showParts.ts";

/** Before the suites on the peer dependencies: what they have besides the parts of all tests. */
export default async function setUp(): Promise<void> {
  await showParts(partsFor.peers);
}
