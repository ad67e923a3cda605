// `node loadedPackages.ts MODULE [CONFIG]`: loads a module of the built package, lets a provider with the given configuration check
// one mapping, and prints what was loaded by then and the problems of the check.
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as provider from "../../../provider/index.ts";
import { repository } from "../../support/engine/testProject.ts";
import { loads } from "./loads.ts";

const [file = "", config] = process.argv.slice(2);

const loaded: typeof provider = createRequire(import.meta.url)(join(repository, file));
const problems = config === undefined ? [] : await problemsOfCheck(loaded, JSON.parse(config));
process.stdout.write(JSON.stringify({ loads: [...loads], problems }));

async function problemsOfCheck(
  { configure, check }: typeof provider,
  settings: Record<string, string>,
): Promise<readonly string[]> {
  const get = (key: string) => settings[key];
  await configure({ config: { get, require: (key) => get(key) ?? "" } });
  const { failures = [] } = await check({}, { arn: "arn:aws:iam::111122223333:role/a", username: "a" });
  return failures.map(({ reason }) => reason);
}
