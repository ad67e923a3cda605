import { partsFor } from "./parts/ensureParts.ts";
import { showParts } from "./parts/showParts.ts";

/** Setup of the suites on programs in Python and Go: their language hosts, in addition to the parts of all tests. */
export default async function setUp(): Promise<void> {
  await showParts(partsFor.languages);
}
