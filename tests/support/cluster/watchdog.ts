import { spawn } from "node:child_process";

/** Ends the servers of a process that can no longer do so itself. */
export interface Watchdog {
  /** Adds a process that must not outlive this one. */
  guard(pid: number): void;
  /** Stops the watchdog once everything has ended. */
  callOff(): void;
}

// The list of processes comes line by line; the end of it means that the writer has ended, in whatever way.
const script = `pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || kill -KILL $pids 2>/dev/null
sleep 0.2
rm -rf "$1"
`;

/**
 * Starts a tiny shell that outlives this process: when this one ends, it kills the guarded processes and removes `directory`.
 * It leads a process group of its own, so Ctrl-C reaches the tests but not the watchdog.
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
