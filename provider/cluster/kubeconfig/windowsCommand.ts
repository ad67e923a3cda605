import { existsSync } from "node:fs";

/** What Node's `spawn` is called with. */
export interface SpawnedCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether the arguments are a Windows command line as they are. */
  readonly windowsVerbatimArguments: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How to run a program as a Windows shell finds it. Windows itself finds only `.exe` files, so that a command such as `aws` or `gcloud`
 * that is a `.cmd` or `.bat` file is looked up here, and Node runs those by cmd.exe alone. On other systems nothing is changed.
 *
 * @param env the environment that the program gets.
 * @throws TypeError for an argument that cmd.exe cannot be given.
 * @see https://nodejs.org/api/child_process.html#spawning-bat-and-cmd-files-on-windows
 */
export function spawnable(
  command: string,
  args: readonly string[],
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): SpawnedCommand {
  const file = platform === "win32" ? findProgram(command, env) : undefined;
  if (file === undefined || !/\.(?:cmd|bat)$/i.test(file)) {
    return { command: file ?? command, args, windowsVerbatimArguments: false };
  }
  const line = [`"${file}"`, ...args.map(batchArgument)].join(" ");
  return {
    command: variable(env, "ComSpec") ?? "cmd.exe",
    // Extensions are what the escape of % needs; delayed expansion would give ! a meaning; /d runs no user's AutoRun.
    args: ["/e:on", "/v:off", "/d", "/c", `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

/**
 * An argument that arrives as it is, although cmd.exe reads the line once and the batch file, which passes it on, once more: in quotes
 * nothing has a meaning but quotes, which are doubled, and %, which is followed by a part of no length of a variable that is always there.
 */
function batchArgument(argument: string): string {
  if (/[\0\r\n]/.test(argument)) {
    throw new TypeError("one of its arguments has a line break, which no batch file can be given");
  }
  // The program behind the batch file takes a backslash for an escape only before a quote.
  const text = argument
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, "$&$&")
    .replaceAll("%", "%%cd:~,%");
  return `"${text}"`;
}

/** The file that a command stands for; undefined: there is none. Unlike cmd.exe, it does not look into the current folder. */
function findProgram(command: string, env: Environment): string | undefined {
  const extensions = (variable(env, "PATHEXT") ?? ".COM;.EXE;.BAT;.CMD")
    .split(";")
    .filter((extension) => extension !== "");
  const names = /\.[^.\\/]+$/.test(command)
    ? [command, ...extensions.map((extension) => command + extension)]
    : extensions.map((extension) => command + extension);
  const folders = /[\\/:]/.test(command) ? [""] : folderPrefixes(variable(env, "PATH") ?? "");
  for (const folder of folders) {
    const found = names.map((name) => folder + name).find((path) => existsSync(path));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function folderPrefixes(path: string): string[] {
  return path
    .split(";")
    .map((folder) => folder.replace(/^"(.*)"$/, "$1"))
    .filter((folder) => folder !== "")
    .map((folder) => (/[\\/]$/.test(folder) ? folder : `${folder}\\`));
}

/** Windows knows its variables in any letter case. */
function variable(env: Environment, name: string): string | undefined {
  return Object.entries(env).find(([key]) => key.toUpperCase() === name.toUpperCase())?.[1];
}
