// `npm run picture`: draws the README's picture anew, from what the engine prints for the README's first program.
import { writeFile } from "node:fs/promises";
import { drawTerminal } from "./drawTerminal.ts";
import { picture, stoppedPreview } from "./stoppedPreview.ts";

await writeFile(picture, drawTerminal(await stoppedPreview()));
console.log(`drew ${picture}`);
