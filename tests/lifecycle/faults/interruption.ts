import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { killLeftOf, type ListedProcess, processesOf, signal, stillRunning } from "../../support/engine/processes.ts";
import { deploymentOf } from "../../support/engine/state.ts";
import type { Outcome, RunningCall, TestProject } from "../../support/engine/testProject.ts";
import type { FaultProxy } from "../../support/proxy/faultProxy.ts";

/** What is interrupted, and how: by `kill -9`, or by Ctrl-C at a terminal, once or twice. */
export const interruptions = ["the CLI", "the provider", "the CLI and the provider", "Ctrl-C", "Ctrl-C twice"] as const;
export type Interruption = (typeof interruptions)[number];

/** A stack whose runs are interrupted, and the proxy between its provider and the API server. */
interface Interruptible {
  readonly project: TestProject;
  readonly proxy: FaultProxy;
}

/**
 * Runs `up` or `destroy` and interrupts it; `hit` is false if the run had already ended.
 *
 * @param arrange receives the function that interrupts the run, and has to call it
 */
export async function interrupt(
  { project, proxy }: Interruptible,
  command: "up" | "destroy",
  interruption: Interruption,
  arrange: (trigger: () => Promise<void>) => void,
): Promise<Outcome & { readonly hit: boolean }> {
  const call = project.start(command, "--yes", "--skip-preview");
  let isOver = false;
  let started: readonly ListedProcess[] = [];
  let plugins: readonly ListedProcess[] = [];
  let hit = false;
  arrange(async () => {
    // After that, another process may have the CLI's ID.
    if (!isOver) {
      // The CLI is paused, so that it starts no process that is not on the list.
      signal(call.pid, "SIGSTOP");
      const processes = processesOf(call.pid);
      started = processes.started;
      plugins = processes.providers.filter(({ command }) => !command.includes("dynamic-provider"));
      const triggered = trigger(interruption, call, processes.providers);
      signal(call.pid, "SIGCONT");
      hit = await triggered;
    }
  });
  const outcome = await call.outcome;
  isOver = true;
  // Requests that were sent still take effect. The processes of a killed CLI keep running, and our plugins exit by themselves.
  await proxy.settled();
  await expect.poll(() => plugins.length === 0 || stillRunning(plugins).length === 0, { timeout: 60_000 }).toBe(true);
  killLeftOf(started);
  return { ...outcome, hit };
}

async function trigger(
  interruption: Interruption,
  { pid: cli, printed }: RunningCall,
  providers: readonly ListedProcess[],
): Promise<boolean> {
  // A terminal signals the process group of the CLI; the processes that the CLI starts are in other groups.
  const pressCtrlC = () => signal(-cli, "SIGINT");
  const kill = (pids: readonly number[]) => pids.filter((pid) => signal(pid, "SIGKILL")).length > 0;
  const ofProvider = providers.map(({ pid }) => pid);
  switch (interruption) {
    case "the CLI":
      return kill([cli]);
    case "the provider":
      return kill(ofProvider);
    case "the CLI and the provider":
      return kill([...ofProvider, cli]);
    case "Ctrl-C":
      return pressCtrlC();
    case "Ctrl-C twice": {
      // Two signals at once count as one, so the second follows the prompt of the CLI.
      const isAsked = printed("press ^C again");
      const hit = pressCtrlC();
      return (await isAsked) && pressCtrlC() && hit;
    }
  }
}

/**
 * Removes an empty attributes file, which a killed CLI may leave beside the state in a file backend. With it, every command fails with
 * "failed to load checkpoint: EOF"; the state itself is complete without it.
 */
export async function repairBackend({ project }: Interruptible): Promise<void> {
  const directory = join(project.backend, ".pulumi", "stacks", project.name);
  for (const name of (await readdir(directory)).filter((name) => name.endsWith(".attrs"))) {
    if ((await stat(join(directory, name))).size === 0) {
      await rm(join(directory, name));
    }
  }
}

/** Recovers as a user does after an interruption: `cancel` if the stack is locked, then the same command again. */
export async function recover(stack: Interruptible, command: "up" | "destroy"): Promise<Outcome> {
  stack.proxy.reset();
  await repairBackend(stack);
  if (await isLocked(stack)) {
    expect(await stack.project.pulumi("cancel", "--yes")).toMatchObject({ code: 0 });
  }
  const outcome = await stack.project[command]();
  expect(outcome.code, outcome.output).toBe(0);
  expect(outcome.output).not.toMatch(/^\s+at /m);
  const { pending_operations: pending = [] } = await deploymentOf(stack.project);
  if (pending.length > 0) {
    expect(await stack.project.refresh("--clear-pending-creates")).toMatchObject({ code: 0 });
  }
  return outcome;
}

/** Whether a killed CLI has left its lock on the stack, also as the temporary file that it renames, `….json.….tmp`. */
export async function isLocked({ project }: Interruptible): Promise<boolean> {
  const directory = join(project.backend, ".pulumi", "locks");
  const files = await readdir(directory, { recursive: true }).catch(() => []);
  return files.some((file) => /\.json(\.\w+\.tmp)?$/.test(file));
}
