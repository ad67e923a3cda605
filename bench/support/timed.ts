import type { Outcome } from "../../tests/support/engine/testProject.ts";

/**
 * Times a run of a program.
 *
 * @returns seconds.
 * @throws when the run fails: a figure of it would mean nothing.
 */
export async function timed(run: () => Promise<Outcome>): Promise<number> {
  const start = performance.now();
  await succeed(run());
  return (performance.now() - start) / 1000;
}

/** Waits for a run of a program that has to succeed. */
export async function succeed(run: Promise<Outcome>): Promise<Outcome> {
  const outcome = await run;
  if (outcome.code !== 0) {
    throw new Error(`the run ended with ${outcome.code}:\n${outcome.output.slice(-4000)}`);
  }
  return outcome;
}
