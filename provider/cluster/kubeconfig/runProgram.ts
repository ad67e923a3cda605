import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fieldsOf } from "../../text/fields";

type Environment = Readonly<Record<string, string | undefined>>;

/** How a program ended, and what it printed. All of it may be secret. */
interface EndedProgram {
  /** The exit code; null: a signal ended it. */
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stdout: string;
  /** The last of what it printed to its standard error. */
  readonly stderr: string;
}

/** A program printed more than any credential is long. */
export class TooMuchOutput extends Error {
  override readonly name = "TooMuchOutput";
}

/** The maximum length of a program's output, in bytes: far more than any credential takes. */
export const maxOutput = 1024 * 1024;

/** How much of a program's errors is kept, in characters. */
const maxErrors = 8 * 1024;

/** How long the rest of an ended program's output is waited for, in milliseconds: a process that it left behind may keep it open. */
const restTime = 3_000;

/**
 * Runs a program to its end, without input. What it leaves running neither keeps us waiting nor keeps this process alive.
 *
 * @param signal ends the program and what it has started.
 * @throws TooMuchOutput; AbortError by the signal; another Error where the program cannot be run.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  env: Environment,
  signal: AbortSignal,
): Promise<EndedProgram> {
  const { command: file, args: given, windowsVerbatimArguments } = spawnable(command, args, process.env);
  // A process group of its own can be ended as a whole. Windows has none.
  const detached = process.platform !== "win32";
  const child = endWithUs(() =>
    spawn(file, given, { env, windowsVerbatimArguments, detached, stdio: ["ignore", "pipe", "pipe"] }),
  );
  const excess = new AbortController();
  const chunks: Buffer[] = [];
  let left = maxOutput;
  child.stdout.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) {
      excess.abort();
    } else {
      chunks.push(chunk);
    }
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-maxErrors);
  });
  const isRead = new Promise((resolve) => child.stdout.once("close", resolve));
  const isClosed = new Promise((resolve) => child.once("close", resolve));
  try {
    const [code, killedBy] = await once(child, "exit", { signal: AbortSignal.any([signal, excess.signal]) });
    // Only the errors of a program that failed matter.
    await Promise.race([code === 0 ? isRead : isClosed, setTimeout(restTime, undefined, { ref: false })]);
    excess.signal.throwIfAborted();
    return { code, killedBy, stdout: Buffer.concat(chunks).toString("utf8"), stderr };
  } catch (error) {
    endAll(child);
    throw excess.signal.aborted ? new TooMuchOutput("too much output", { cause: error }) : error;
  } finally {
    forget(child);
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
}

/** The programs that run: a process group of its own hears nothing of a signal to this process. */
const running = new Set<ChildProcess>();

const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens before the program starts: a signal that comes meanwhile is heard once the program is known. */
function endWithUs<Child extends ChildProcess>(start: () => Child): Child {
  if (running.size === 0) {
    process.on("exit", endRunning);
    for (const signal of endSignals) {
      process.on(signal, endBySignal);
    }
  }
  try {
    const child = start();
    running.add(child);
    return child;
  } finally {
    stopListeningIfIdle();
  }
}

function forget(child: ChildProcess): void {
  running.delete(child);
  stopListeningIfIdle();
}

function stopListeningIfIdle(): void {
  if (running.size === 0) {
    process.off("exit", endRunning);
    for (const signal of endSignals) {
      process.off(signal, endBySignal);
    }
  }
}

function endRunning(): void {
  running.forEach(endAll);
}

/** Where nobody else listens, the signal ends this process, as it does without a listener. Who listens may want to finish what runs. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1 + countOfSignalExit()) {
    endRunning();
    process.off(signal, endBySignal);
    process.kill(process.pid, signal);
  }
}

/** How many listeners are those of signal-exit, which proper-lockfile brings: they end the process where nobody else listens. */
function countOfSignalExit(): number {
  const { count } = fieldsOf(Reflect.get(process, "__signal_exit_emitter__"));
  return typeof count === "number" ? count : 0;
}

/** Ends a program with all that it has started, as far as the system can tell. */
function endAll(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  if (process.platform === "win32") {
    // The ID of a program that has ended may be another's.
    if (child.exitCode === null) {
      spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore" }).once("error", () => child.kill());
    }
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}

/**
 * Finds a command on our PATH, as client-go does: `spawn` itself would take the PATH that the program gets. On Windows, commands such as
 * `aws` or `gcloud` can be `.cmd` or `.bat` files, which run through cmd.exe.
 *
 * @param env our environment.
 * @returns what `spawn` is called with; with `windowsVerbatimArguments`, Windows gets the arguments without quotes of Node's.
 * @throws TypeError for an argument that cannot be passed to cmd.exe; Error ENOENT if there is no such program.
 * @see https://nodejs.org/api/child_process.html#spawning-bat-and-cmd-files-on-windows
 */
export function spawnable(
  command: string,
  args: readonly string[],
  env: Environment,
  platform: NodeJS.Platform = process.platform,
) {
  const isWindows = platform === "win32";
  const file = isWindows ? findOnWindows(command, env) : findProgram(command, env);
  if (file === undefined) {
    throw Object.assign(new Error("there is no such program"), { code: "ENOENT" });
  }
  if (!isWindows || !/\.(?:cmd|bat)$/i.test(file)) {
    return { command: file, args, windowsVerbatimArguments: false };
  }
  const line = [`"${file}"`, ...args.map(batchArgument)].join(" ");
  return {
    command: variable(env, "ComSpec") ?? "cmd.exe",
    // /e:on: the escaping of % needs command extensions. /v:off: with delayed expansion, ! would be special. /d: no AutoRun
    // commands.
    args: ["/e:on", "/v:off", "/d", "/c", `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

/**
 * Quotes an argument so that it arrives unchanged, although both cmd.exe and the batch file parse it. Inside quotes only two
 * characters are special: quotes, which are doubled, and %, which is followed by an empty substring of a variable that always
 * exists.
 */
function batchArgument(argument: string): string {
  if (/[\0\r\n]/.test(argument)) {
    throw new TypeError("one of its arguments has a line break, which cannot be passed to a batch file");
  }
  // The program that the batch file runs treats a backslash as an escape only before a quote.
  const text = argument
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, "$&$&")
    .replaceAll("%", "%%cd:~,%");
  return `"${text}"`;
}

/** The file of a command; undefined if there is none. As in Go, no directory of PATH is relative to the current one. */
function findProgram(command: string, env: Environment): string | undefined {
  const directories = (env["PATH"] ?? "").split(":").filter((directory) => directory.startsWith("/"));
  return command.includes("/") ? command : directories.map((path) => `${path}/${command}`).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The same. Unlike cmd.exe, this does not search the current directory. */
function findOnWindows(command: string, env: Environment): string | undefined {
  const extensions = (variable(env, "PATHEXT") ?? ".COM;.EXE;.BAT;.CMD")
    .split(";")
    .filter((extension) => extension !== "");
  const own = /\.[^.\\/]+$/.test(command) ? [command] : [];
  const names = [...own, ...extensions.map((extension) => command + extension)];
  const directories = /[\\/:]/.test(command) ? [""] : directoryPrefixes(variable(env, "PATH") ?? "");
  return directories.flatMap((directory) => names.map((name) => directory + name)).find(existsSync);
}

function directoryPrefixes(path: string): string[] {
  return path
    .split(";")
    .map((directory) => directory.replace(/^"(.*)"$/, "$1"))
    .filter((directory) => directory !== "")
    .map((directory) => (/[\\/]$/.test(directory) ? directory : `${directory}\\`));
}

/** Environment variables are case-insensitive on Windows. */
function variable(env: Environment, name: string): string | undefined {
  return Object.entries(env).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];
}
