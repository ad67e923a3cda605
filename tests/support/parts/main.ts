// `node main.ts [name…]`: finds or builds parts, by default those of the tests, and prints one line of JSON with their paths.

import { PartError } from "./cacheDirectory.ts";
import { ensureParts, partsFor } from "./ensureParts.ts";
import { type PartName, recipes } from "./recipes.ts";

// A regular exit runs the exit handlers, which end builds and release the lock.
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.once(signal, () => process.exit(128 + number));
}

try {
  const names = process.argv.slice(2).map(partName);
  process.stdout.write(`${JSON.stringify(await ensureParts(names.length === 0 ? partsFor.real : names))}\n`);
} catch (error) {
  console.error(error instanceof PartError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}

function partName(argument: string): PartName {
  const names = Object.keys(recipes).filter((name): name is PartName => name in recipes);
  const found = names.find((name) => name === argument);
  if (found === undefined) {
    throw new PartError(`there is no part "${argument}"; parts are ${names.join(", ")}`);
  }
  return found;
}
