import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AwsAuthMap } from "../tests/support/cluster/awsAuth.ts";
import { type ClusterOptions, startCluster, type TestCluster } from "../tests/support/cluster/startCluster.ts";
import type { Outcome } from "../tests/support/engine/testProject.ts";
import type { Reading } from "./verdict.ts";

/** The context of a measurement. */
export interface Bench {
  /** Whether to run only one round, with small stacks. */
  readonly isQuick: boolean;
  /** Prints progress. */
  progress(text: string): void;
  /** Prints and saves a reading immediately. */
  emit(reading: Reading): Promise<void>;
  /** Registers a cleanup for the end of the measurement; cleanups run in reverse order. */
  onEnd(cleanUp: () => Promise<void>): void;
}

/** A real API server for one measurement. */
export async function clusterFor(
  bench: Bench,
  options?: ClusterOptions,
): Promise<{ cluster: TestCluster; map: AwsAuthMap }> {
  const cluster = await startCluster(options);
  bench.onEnd(() => cluster.stop());
  return { cluster, map: new AwsAuthMap(cluster) };
}

/**
 * Runs the contestants in several rounds, alternating the order, so that none always runs first and a temporary slowdown of the machine
 * affects all.
 */
export async function inTurns<T>(
  rounds: number,
  contestants: readonly T[],
  run: (contestant: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      await run(contestant, round);
    }
  }
}

/** Times a run of a program. @returns seconds. @throws if the run fails, since its time would be meaningless. */
export async function timed(run: () => Promise<Outcome>): Promise<number> {
  const start = performance.now();
  await succeed(run());
  return (performance.now() - start) / 1000;
}

/** Waits for a run of a program. @throws if it fails. */
export async function succeed(run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  if (outcome.code !== 0) {
    throw new Error(`the run ended with ${outcome.code}:\n${outcome.output.slice(-4000)}`);
  }
  return outcome;
}

/** The directory of a program, and its environment in addition to PATH and HOME. */
export interface ProgramSettings {
  /** Working directory and home directory. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program to completion. @throws if it fails, with its stderr. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { directory, env }: ProgramSettings,
): Promise<Outcome> {
  const { stdout, stderr } = await promisify(execFile)(file, args, {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...env },
    // A review of 1,000 mappings prints a few mebibytes.
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: 0, output: stdout + stderr };
}

/** One mapping of a benchmark's stack. */
export interface BenchMapping {
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** The mapping with this index. Its source is copied into the programs, so it must be self-contained. */
export function mappingNumber(index: number): BenchMapping {
  return {
    arn: `arn:aws:iam::111122223333:role/m${index}`,
    username: `user:${index}`,
    groups: ["viewers", `group-${index % 10}`],
  };
}

/** The content of a map before a stack writes to it. */
export const otherEntries = {
  mapRoles: entryText({
    arn: "arn:aws:iam::111122223333:role/node-group-1",
    username: "system:node:{{EC2PrivateDNSName}}",
    groups: ["system:bootstrappers", "system:nodes"],
  }),
} as const;

function entryText({ arn, username, groups }: BenchMapping): string {
  const lines = groups.map((group) => `  - ${group}\n`).join("");
  return `- groups:\n${lines}  rolearn: ${arn}\n  username: ${username}\n`;
}
