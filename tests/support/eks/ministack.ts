import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../cluster/freePorts.ts";
import { startServer } from "../cluster/serverProcess.ts";
import { cacheDirectory, removeDirectory, withBuildLock } from "../parts/cacheDirectory.ts";
import { findOnPath, isExecutable } from "../parts/executables.ts";
import { PartError } from "../parts/partError.ts";

const run = promisify(execFile);

/** The version whose differences the second opinion lists. */
export const ministackVersion = "1.5.33";

/** An emulator of AWS by others. */
export interface Ministack {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts ministack on a fresh port of 127.0.0.1; by itself it would listen on all addresses. */
export async function startMinistack(): Promise<Ministack> {
  const program = await findMinistack();
  const [port = 0] = await freePorts(1);
  const directory = await mkdtemp(join(tmpdir(), "ministack-"));
  const url = `http://127.0.0.1:${port}`;
  // Without Docker: there, a cluster would be containers.
  const settings = {
    GATEWAY_PORT: `${port}`,
    BIND_HOST: "127.0.0.1",
    DOCKER_HOST: "unix:///dev/null",
    HOME: directory,
  };
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const server = startServer("ministack", "/usr/bin/env", [...assignments, program], directory);
  const stop = async () => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const end = Date.now() + 60_000; !(await answers(url)); ) {
      server.assertRunning();
      if (Date.now() > end) {
        throw new Error("ministack does not answer");
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** In MINISTACK_BIN, or in the cache, where Python's own tools put it. */
async function findMinistack(): Promise<string> {
  const { MINISTACK_BIN: configured } = process.env;
  if (configured !== undefined && configured !== "") {
    return configured;
  }
  const directory = join(cacheDirectory(), `ministack-${ministackVersion}`);
  const program = join(directory, "bin/ministack");
  if (!isExecutable(program)) {
    await withBuildLock(() => install(directory, program));
  }
  return program;
}

async function install(directory: string, program: string): Promise<void> {
  if (isExecutable(program)) {
    return;
  }
  const python = findOnPath("python3");
  if (python === undefined) {
    throw new PartError(
      `ministack ${ministackVersion} needs Python 3.10: install it, or set MINISTACK_BIN to the program`,
    );
  }
  // In its place from the begin: an environment of Python cannot be moved.
  await removeDirectory(directory);
  await run(python, ["-m", "venv", directory]);
  await run(join(directory, "bin/pip"), ["install", "--quiet", `ministack==${ministackVersion}`]);
}
