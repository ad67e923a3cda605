// `node main.ts [name…]`: finds or builds real parts, by default those of the tests, and prints one line of JSON that says where each one is.
import { ensureParts, partsFor } from "./ensureParts.ts";
import { PartError } from "./partError.ts";
import { type PartName, recipes } from "./recipes.ts";

// Ending in the ordinary way runs the exit handlers: builds are ended and the lock is given back.
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.once(signal, () => process.exit(128 + number));
}

try {
  const args = process.argv.slice(2);
  const wrong = args.filter((arg) => !isPart(arg));
  if (wrong.length > 0) {
    throw new PartError(`there is no part "${wrong.join('", "')}"; parts are ${Object.keys(recipes).join(", ")}`);
  }
  const parts = await ensureParts(args.length === 0 ? partsFor.real : args.filter(isPart));
  process.stdout.write(`${JSON.stringify(parts)}\n`);
} catch (error) {
  if (!(error instanceof PartError)) {
    throw error;
  }
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
}

function isPart(name: string): name is PartName {
  return Object.hasOwn(recipes, name);
}
