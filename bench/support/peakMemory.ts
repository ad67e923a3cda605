import { readdir, readFile } from "node:fs/promises";

/** Milliseconds between two samples; the kernel keeps the peak itself, so only growth after the last sample is missed. */
const interval = 50;

/**
 * Watches the provider process of a project while something runs.
 *
 * @param directory the project's directory, which is its home.
 * @param part what the command line of the process has, and no other of the project.
 * @returns its peak resident memory in MiB.
 */
export async function peakMemoryDuring(directory: string, part: string, run: () => Promise<void>): Promise<number> {
  let peak = 0;
  const look = async () => {
    peak = Math.max(peak, await peakMemory(directory, part));
  };
  const timer = setInterval(() => void look(), interval);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  if (peak === 0) {
    throw new Error("the provider process was not found in /proc");
  }
  return peak;
}

async function peakMemory(directory: string, part: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const peaks = await Promise.all(
    ids.map(async (id) =>
      (await isProvider(id, directory, part)) ? highWaterMark(await textOf(`/proc/${id}/status`)) : 0,
    ),
  );
  return Math.max(0, ...peaks);
}

async function isProvider(id: string, directory: string, part: string): Promise<boolean> {
  const command = await textOf(`/proc/${id}/cmdline`);
  return command.includes(part) && (await textOf(`/proc/${id}/environ`)).includes(`HOME=${directory}\0`);
}

/** Empty for a process that has ended, and for one of somebody else. */
function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

function highWaterMark(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
