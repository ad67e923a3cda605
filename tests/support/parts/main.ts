// `node main.ts [name…]`: finds or builds real parts, by default those of the tests, and prints one line of JSON that says where each one is.
import { ensureParts, type PartName, partNames, partsFor } from "./ensureParts.ts";
import { PartError } from "./partError.ts";

// Ending in the ordinary way runs the exit handlers: builds are ended and the lock is given back.
for (const [signal, number] of [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.once(signal, () => process.exit(128 + number));
}

try {
  const parts = await ensureParts(requested(process.argv.slice(2)));
  process.stdout.write(`${JSON.stringify(parts)}\n`);
} catch (error) {
  if (!(error instanceof PartError)) {
    throw error;
  }
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
}

function requested(args: readonly string[]): readonly PartName[] {
  if (args.length === 0) {
    return partsFor.test;
  }
  return args.map((arg) => {
    const name = partNames.find((known) => known === arg);
    if (name === undefined) {
      throw new PartError(`there is no part "${arg}"; parts are ${partNames.join(", ")}`);
    }
    return name;
  });
}
