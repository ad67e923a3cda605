// `node loadedPackages.ts MODULE [CONFIG]`: loads a module of the built package, lets a provider with the given configuration check one
// mapping, and prints the packages that were loaded by then and the faults of the check.
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import type * as provider from "../../../provider/index.ts";
import { repository } from "../../support/engine/testProject.ts";

const [file = "", config] = process.argv.slice(2);

const packages = new Set<string>();
registerHooks({
  load(url, context, nextLoad) {
    const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) {
      packages.add(name);
    }
    return nextLoad(url, context);
  },
});

const loaded: typeof provider = createRequire(import.meta.url)(join(repository, file));
const faults = config === undefined ? [] : await faultsOfCheck(loaded, JSON.parse(config));
process.stdout.write(JSON.stringify({ packages: [...packages], faults }));

async function faultsOfCheck(
  { configure, check }: typeof provider,
  settings: Record<string, string>,
): Promise<readonly string[]> {
  const get = (key: string) => settings[key];
  await configure({ config: { get, require: (key) => get(key) ?? "" } });
  const { failures = [] } = await check({}, { arn: "arn:aws:iam::111122223333:role/a", username: "a" });
  return failures.map(({ reason }) => reason);
}
