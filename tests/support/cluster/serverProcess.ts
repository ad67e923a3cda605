import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";

/** A server ended unexpectedly. */
export class ServerEnded extends Error {
  override readonly name = "ServerEnded";
  /** Whether it ended because its port was in use. */
  readonly portTaken: boolean;

  constructor(server: string, output: string) {
    super(`${server} ended: ${output.trim().split("\n").at(-1)?.slice(0, 500)}`);
    this.portTaken = output.includes("address already in use");
  }
}

/** A server in the background whose output goes to a file: a pipe could fill up or keep the test process alive. */
export interface ServerProcess {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  /** @throws ServerEnded with the last line of its output if it has ended by itself. */
  assertRunning(): void;
  /** Kills the process and waits until it ends. */
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
      // A graceful shutdown takes the API server many seconds, and a test cluster has no data to save.
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

/** Kills the servers of a test process that was killed. */
export interface Watchdog {
  /** Adds a process that must end with this one. */
  guard(pid: number): void;
  /** Stops the watchdog after all guarded processes have ended. */
  callOff(): void;
}

// Process IDs arrive line by line; end of file means that the writer has ended for any reason.
const script = `pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || kill -KILL $pids 2>/dev/null
sleep 0.2
rm -rf "$1"
`;

/**
 * Starts a small shell that outlives this process: when this process ends, it kills the guarded processes and removes `directory`. It has
 * its own process group, so Ctrl-C reaches the tests but not the watchdog.
 */
export function startWatchdog(directory: string): Watchdog {
  const child = spawn("/bin/sh", ["-c", script, "watchdog", directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  child.unref();
  return {
    guard: (pid) => void child.stdin.write(`${pid}\n`),
    callOff: () => void child.kill("SIGKILL"),
  };
}

/** Different ports on 127.0.0.1 that are free at the moment. They are not reserved, so the caller must retry if one is taken. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
