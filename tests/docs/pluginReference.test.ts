import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { schema } from "../../provider/plugin/schema/index.ts";
import { pluginReference } from "../../scripts/pluginReference.ts";
import { repository } from "../support/engine/testProject.ts";

it("docs/plugin-reference.md says what the schema says; `npm run docs` makes it", async () => {
  const page = await readFile(join(repository, "docs", "plugin-reference.md"), "utf8");
  expect(page).toBe(pluginReference(schema("1.2.3")));
});
