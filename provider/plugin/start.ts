import { fstatSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { handlers } from "./handlers";
import { serve } from "./server";

/** Starts the plugin, and says its port to the engine. */
export function start(): void {
  void serve(handlers()).then(
    ({ port, idle }) => {
      // The engine reads the port from the first line.
      process.stdout.write(`${port}\n`);
      exitAfterRun(idle);
    },
    (error: unknown) => {
      console.error(`pulumi-resource-aws-auth does not start: ${error instanceof Error ? error.message : error}`);
      process.exit(1);
    },
  );
}

/** How long the last changes may take, in milliseconds: longer than any that still succeeds. */
const lastChanges = 120_000;

/**
 * Exits when the engine says that its run is over, or is killed, which stops no plugin but closes the pipe to it. What it has asked for is
 * finished first, since a change may take several calls: an administrator whose access entry has no policy yet is locked out. A process
 * that a signal ends would keep no compiled code.
 */
function exitAfterRun(idle: () => Promise<unknown>): void {
  const exit = async () => {
    await Promise.race([idle(), setTimeout(lastChanges)]);
    process.exit(0);
  };
  process.on("SIGINT", exit);
  if (isPipe(0)) {
    process.stdin
      .on("end", () => {
        // Nobody reads any more what is printed.
        process.stderr.on("error", () => undefined);
        void exit();
      })
      .resume();
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
