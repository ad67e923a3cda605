import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A server ended unexpectedly. */
export class ServerEnded extends Error {
  override readonly name = "ServerEnded";
  /** Whether it ended because another process had its port. */
  readonly portTaken: boolean;

  constructor(server: string, output: string) {
    super(`${server} ended: ${output.trim().split("\n").at(-1)?.slice(0, 500)}`);
    this.portTaken = output.includes("address already in use");
  }
}

/** A server in the background whose output goes to a file: no pipe that could fill up or keep the test process alive. */
export interface ServerProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** @throws ServerEnded with the last line of its output when it has ended by itself. */
  assertRunning(): void;
  /** Kills the process and waits for its end. */
  kill(): Promise<void>;
}

/** Starts `file`, with its output in `<directory>/<name>.log`. */
export function startServer(name: string, file: string, args: readonly string[], directory: string): ServerProcess {
  const log = join(directory, `${name}.log`);
  const output = openSync(log, "a");
  const child = spawn(file, args, { stdio: ["ignore", output, output], cwd: directory });
  closeSync(output);
  let refusal: Error | undefined;
  child.once("error", (error) => {
    refusal = error;
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.unref();
  return {
    pid: child.pid,
    assertRunning: () => {
      if (refusal !== undefined) {
        throw new ServerEnded(name, refusal.message);
      }
      if (hasEnded(child)) {
        throw new ServerEnded(name, readFileSync(log, "utf8"));
      }
    },
    kill: async () => {
      // A graceful end takes the API server many seconds, and nothing of a test cluster is worth saving.
      child.ref();
      if (child.pid !== undefined && !hasEnded(child) && child.kill("SIGKILL")) {
        await ended;
      }
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
