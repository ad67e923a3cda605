import { execFileSync } from "node:child_process";

/** A process in the output of `ps`. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its start time in seconds, which distinguishes it from a later process with the same ID. */
  readonly began: string;
  /** Program and arguments. */
  readonly command: string;
}

/** The processes of one call of the CLI. */
export interface CallProcesses {
  /** The processes of the provider; empty if the engine has not started it yet. */
  readonly providers: readonly ListedProcess[];
  /** All processes that the CLI started, including the provider, without the CLI itself. */
  readonly started: readonly ListedProcess[];
}

/** The processes that a running CLI has started. Call this before you kill the CLI, since orphans have another parent. */
export function processesOf(cli: number): CallProcesses {
  const all = listed();
  const started = descendantsOf(cli, all);
  return { providers: started.filter(({ command }) => ofProvider.test(command)), started };
}

/** Pulumi's process for dynamic resources, and the executable of the resource plugin. */
const ofProvider = /^\S*node\S* .*dynamic-provider|^\S*pulumi-resource-aws-auth /;

/** The processes of a list that still run. */
export function stillRunning(processes: readonly ListedProcess[]): readonly ListedProcess[] {
  const now = new Map(listed().map(({ pid, began }) => [pid, began]));
  return processes.filter(({ pid, began }) => now.get(pid) === began);
}

/** Kills the processes of a list that still run, except if their ID was reused. */
export function killLeftOf(processes: readonly ListedProcess[]): void {
  for (const { pid } of processes.length === 0 ? [] : stillRunning(processes)) {
    signal(pid, "SIGKILL");
  }
}

/** Sends a signal; false if the process, or the group if the ID is negative, has ended already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function descendantsOf(parent: number, all: readonly ListedProcess[]): ListedProcess[] {
  return all
    .filter((process) => process.parent === parent)
    .flatMap((process) => [process, ...descendantsOf(process.pid, all)]);
}

function listed(): ListedProcess[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,lstart=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, began = "", command = ""] =
      /^\s*(\d+)\s+(\d+)\s+((?:\S+\s+){4}\d{4})\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), began, command }];
  });
}
