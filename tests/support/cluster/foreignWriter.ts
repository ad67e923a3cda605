import { setTimeout } from "node:timers/promises";
import type { AwsAuthMap } from "./awsAuth.ts";

/** Somebody else who writes to the map for as long as something runs. */
export interface ForeignWrites {
  /** The data keys that were set: from `foreign-1` on, each to its number. */
  readonly patches: number;
  /** The entries that were added the way eksctl does: the roles `foreign-1` and on. */
  readonly appends: number;
}

/**
 * Two other writers during a run: one sets its own data keys, one reads the whole map and writes it back with one entry more.
 *
 * @param pause milliseconds between two writes of each
 */
export async function writeBeside<T>(
  map: AwsAuthMap,
  pause: number,
  run: Promise<T>,
): Promise<{ readonly result: T } & ForeignWrites> {
  const [result, patches, appends] = await beside(run, pause, [
    (count) => map.patch({ [`foreign-${count}`]: `${count}` }),
    (count) => map.appendRole(roleArn(`foreign-${count}`)),
  ]);
  return { result, patches, appends };
}

/**
 * Two other writers during a run, of a data key and of an entry, which undo each change before they make the next.
 *
 * @param pause milliseconds between a change and what undoes it, and to the next.
 */
export async function visitBeside<T>(map: AwsAuthMap, pause: number, run: Promise<T>): Promise<T> {
  const [result] = await beside(run, pause, [
    async (count) => {
      await map.patch({ foreign: `${count}` });
      await setTimeout(pause);
      await map.patch({ foreign: null });
    },
    async (count) => {
      await map.appendRole(roleArn(`foreign-${count}`));
      await setTimeout(pause);
      await map.removeRole(roleArn(`foreign-${count}`));
    },
  ]);
  return result;
}

/** Repeats two things for as long as something runs. */
async function beside<T>(
  run: Promise<T>,
  pause: number,
  [first, second]: readonly [Repeated, Repeated],
): Promise<[result: T, first: number, second: number]> {
  let isDone = false;
  const result = run.finally(() => {
    isDone = true;
  });
  const repeat = async (write: Repeated): Promise<number> => {
    let count = 0;
    while (!isDone) {
      await write(++count);
      await setTimeout(pause);
    }
    return count;
  };
  return Promise.all([result, repeat(first), repeat(second)]);
}

/** @param count from 1 on. */
type Repeated = (count: number) => Promise<void>;

/** The ARN of a role of the tests' account. */
export function roleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** The names of all roles that a key's text maps, sorted. */
export function rolesIn(text: string | undefined): string[] {
  return [...(text ?? "").matchAll(/role\/([\w-]+)/g)].map(([, name = ""]) => name).toSorted();
}
