import { fstatSync } from "node:fs";
import { handlers } from "./handlers";
import { serve } from "./server";

/** Starts the plugin, and says its port to the engine. */
export function start(): void {
  void serve(handlers()).then(
    (port) => {
      // The engine reads the port from the first line.
      process.stdout.write(`${port}\n`);
      exitWithEngine();
    },
    (error: unknown) => {
      console.error(`pulumi-resource-aws-auth does not start: ${error instanceof Error ? error.message : error}`);
      process.exit(1);
    },
  );
}

/** An engine that is killed stops no plugin, but closes the pipe that it keeps to it. */
function exitWithEngine(): void {
  if (isPipe(0)) {
    process.stdin.on("end", () => process.exit(0)).resume();
  }
}

function isPipe(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFIFO() || status.isSocket();
  } catch {
    // It is closed.
    return false;
  }
}
