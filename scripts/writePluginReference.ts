import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pluginReference } from "./pluginReference.ts";
import { describedSchema } from "./pluginSchema.ts";

const repository = join(import.meta.dirname, "..");
const spec = describedSchema(repository);

await writeFile(join(repository, "provider", "plugin", "schema", "schema.json"), `${JSON.stringify(spec, null, 2)}\n`);
await writeFile(join(repository, "docs", "plugin-reference.md"), pluginReference(spec));
