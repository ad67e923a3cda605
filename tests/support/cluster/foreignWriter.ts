import { setTimeout } from "node:timers/promises";
import type { SeenRequest } from "../proxy/faultProxy.ts";
import type { AwsAuthMap } from "./awsAuth.ts";

/** The writes of other clients during a run. */
export interface ForeignWrites {
  /** The number of data keys that were set: `foreign-1` and up, each to its number. */
  readonly patches: number;
  /** The number of entries that were added like eksctl: the roles `foreign-1` and up. */
  readonly appends: number;
}

/**
 * Runs two other writers at the same time: one sets its own data keys, one reads the whole map and writes it back with one more entry.
 *
 * @param pause milliseconds between two writes of each
 */
export async function writeConcurrently<T>(
  map: AwsAuthMap,
  pause: number,
  run: Promise<T>,
): Promise<{ readonly result: T } & ForeignWrites> {
  let isDone = false;
  const ended = run.finally(() => {
    isDone = true;
  });
  const repeat = async (write: (count: number) => Promise<void>): Promise<number> => {
    let count = 0;
    while (!isDone) {
      await write(++count);
      await setTimeout(pause);
    }
    return count;
  };
  const [result, patches, appends] = await Promise.all([
    ended,
    repeat((count) => map.patch({ [`foreign-${count}`]: `${count}` })),
    repeat((count) => map.appendRole(roleArn(`foreign-${count}`))),
  ]);
  return { result, patches, appends };
}

/** The number of attempts for each stored write of the client. */
export function attemptsPerWrite(requests: readonly SeenRequest[]): readonly number[] {
  let tried = 0;
  return requests.flatMap(({ method, path, status }) => {
    if (method === "GET" || !path.includes("/configmaps")) {
      return [];
    }
    tried++;
    if (status !== 200 && status !== 201) {
      return [];
    }
    const count = tried;
    tried = 0;
    return [count];
  });
}

/** The ARN of a role in the test account. */
export function roleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** The names of all roles in a key's text, sorted. */
export function rolesIn(text: string | undefined): string[] {
  return [...(text ?? "").matchAll(/role\/([\w-]+)/g)].map(([, name = ""]) => name).toSorted();
}
