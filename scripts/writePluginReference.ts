import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pluginReference } from "./pluginReference.ts";

const repository = join(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const {
  schema,
}: typeof import("../provider/plugin/schema/index.ts") = require("../dist/provider/plugin/schema/index.js");
const { version } = require("../package.json");

await writeFile(join(repository, "docs", "plugin-reference.md"), pluginReference(schema(version)));
