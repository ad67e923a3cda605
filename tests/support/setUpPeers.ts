import { partsFor } from "./parts/ensureParts.ts";
import { showParts } from "./parts/showParts.ts";

/** Setup of the suites on the peer dependencies: their parts, in addition to those of all tests. */
export default async function setUp(): Promise<void> {
  await showParts(partsFor.peers);
}
