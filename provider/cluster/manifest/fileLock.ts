import { setTimeout } from "node:timers/promises";
import { AwsAuthError } from "../../errors";
import { errorCode, quoted } from "../text";

/** A lock whose holder has not shown itself for so many milliseconds is a dead process's; a live one shows itself every half of it. */
const staleAfter = 5_000;

/** How long to wait for others, in milliseconds: a good deal longer than a dead process's lock lasts. */
const waitLimit = 20_000;

/** Pauses between tries grow to so many milliseconds; each is random between half and all of it. */
const maxPause = 200;

/**
 * Runs something while no other process does on the same file. The lock is a folder beside the file that exists for the length of
 * one write; beside it, so that it holds for all users, containers and temporary folders that the file is shared among.
 *
 * @param run is given a function that throws `conflict` when the lock has been lost, for example to a laptop's sleep
 * @throws AwsAuthError `clusterUnreachable` when others keep it locked.
 */
export async function withFileLock<T>(path: string, run: (assertHeld: () => void) => Promise<T>): Promise<T> {
  let lost: Error | undefined;
  const release = await acquire(path, (error) => {
    lost = error;
  });
  try {
    return await run(() => {
      if (lost !== undefined) {
        throw new AwsAuthError("conflict", `the lock on manifest ${quoted(path)} was lost; run again`, { cause: lost });
      }
    });
  } finally {
    if (lost === undefined) {
      // What was run counts; a lock that stays behind is taken over as a dead process's.
      await release().catch(() => undefined);
    }
  }
}

/** The library's own retries would repeat every fault, a missing folder among them; only a lock that is held is worth waiting for. */
async function acquire(path: string, onCompromised: (error: Error) => void): Promise<() => Promise<void>> {
  const { lock } = await import("proper-lockfile");
  const end = performance.now() + waitLimit;
  for (let pause = 10; ; pause = Math.min(maxPause, pause * 1.5)) {
    try {
      return await lock(path, { realpath: false, stale: staleAfter, onCompromised });
    } catch (error) {
      if (errorCode(error) !== "ELOCKED") {
        throw error;
      }
      if (performance.now() > end) {
        throw new AwsAuthError(
          "clusterUnreachable",
          `manifest ${quoted(path)} is being written by other processes all the time; try again, and remove ${quoted(`${path}.lock`)} if no other process is running`,
          { cause: error },
        );
      }
    }
    await setTimeout(pause * (0.5 + Math.random() / 2));
  }
}
