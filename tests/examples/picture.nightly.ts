import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { drawTerminal } from "../../scripts/drawTerminal.ts";
import { picture, stoppedPreview } from "../../scripts/stoppedPreview.ts";

it("the README's picture shows what the engine prints for the README's first program; `npm run picture` draws it", async () => {
  expect(await readFile(picture, "utf8")).toBe(drawTerminal(await stoppedPreview()));
});
