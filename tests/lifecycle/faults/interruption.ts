import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { killLeftOf, type ListedProcess, processesOf, signal, stillRunning } from "../../support/engine/processes.ts";
import { deploymentOf } from "../../support/engine/state.ts";
import type { Outcome, RunningCall, TestProject } from "../../support/engine/testProject.ts";
import type { FaultProxy } from "../../support/proxy/faultProxy.ts";

/** Who is ended, and how: `kill -9`, or the Ctrl-C of a user at a terminal, once and twice. */
export const interruptions = ["the CLI", "the provider", "the CLI and the provider", "Ctrl-C", "Ctrl-C twice"] as const;
export type Interruption = (typeof interruptions)[number];

/** A stack whose runs are interrupted, with what stands between the provider and the API server. */
interface Interruptible {
  readonly project: TestProject;
  readonly proxy: FaultProxy;
}

/**
 * Runs `up` or `destroy` and interrupts it; `hit` tells whether there was still something to interrupt.
 *
 * @param arrange is given what interrupts the call, and sees to it that it happens
 */
export async function interrupt(
  { project, proxy }: Interruptible,
  command: "up" | "destroy",
  interruption: Interruption,
  arrange: (strike: () => Promise<void>) => void,
): Promise<Outcome & { readonly hit: boolean }> {
  const call = project.start(command, "--yes", "--skip-preview");
  let isOver = false;
  let started: readonly ListedProcess[] = [];
  let plugins: readonly ListedProcess[] = [];
  let hit = false;
  arrange(async () => {
    // By then the CLI's ID may be another process's.
    if (!isOver) {
      // Held up for a moment, so that it starts nothing that is not on the list.
      signal(call.pid, "SIGSTOP");
      const processes = processesOf(call.pid);
      started = processes.started;
      plugins = processes.providers.filter(({ command }) => !command.includes("dynamic-provider"));
      const struck = strike(interruption, call, processes.providers);
      signal(call.pid, "SIGCONT");
      hit = await struck;
    }
  });
  const outcome = await call.outcome;
  isOver = true;
  // What the provider has sent takes effect as ever. Pulumi leaves the processes of a killed CLI running, of which ours end by themselves.
  await proxy.settled();
  await expect.poll(() => plugins.length === 0 || stillRunning(plugins).length === 0, { timeout: 60_000 }).toBe(true);
  killLeftOf(started);
  return { ...outcome, hit };
}

async function strike(
  interruption: Interruption,
  { pid: cli, printed }: RunningCall,
  providers: readonly ListedProcess[],
): Promise<boolean> {
  // A terminal signals the group that the CLI leads; what the CLI starts is in groups of its own.
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
      // Two signals at once would be one; a user presses again after the CLI has said what that means.
      const isAsked = printed("press ^C again");
      const hit = pressCtrlC();
      return (await isAsked) && pressCtrlC() && hit;
    }
  }
}

/**
 * Repairs what a killed CLI may leave in a file backend: beside the state it keeps a file of attributes, which it writes in place.
 * While that is empty, every command says "failed to load checkpoint: EOF"; the state itself is whole, and does without.
 */
export async function mendBackend({ project }: Interruptible): Promise<void> {
  const directory = join(project.backend, ".pulumi", "stacks", project.name);
  for (const name of (await readdir(directory)).filter((name) => name.endsWith(".attrs"))) {
    if ((await stat(join(directory, name))).size === 0) {
      await rm(join(directory, name));
    }
  }
}

/** What a user does after an interruption, and no more: `cancel` where the stack is locked, then the same command again. */
export async function recover(stack: Interruptible, command: "up" | "destroy"): Promise<Outcome> {
  stack.proxy.reset();
  await mendBackend(stack);
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

/** Whether a killed CLI has left its lock on the stack, also under the name from which it renames it, `….json.….tmp`. */
export async function isLocked({ project }: Interruptible): Promise<boolean> {
  const directory = join(project.backend, ".pulumi", "locks");
  const files = await readdir(directory, { recursive: true }).catch(() => []);
  return files.some((file) => /\.json(\.\w+\.tmp)?$/.test(file));
}
