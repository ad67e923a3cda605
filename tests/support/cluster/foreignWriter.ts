import { setTimeout } from "node:timers/promises";
import type { SeenRequest } from "../proxy/faultProxy.ts";
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

/** How often a client had to try until a write of its own was stored, one number for each such write. */
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

/** The ARN of a role of the tests' account. */
export function roleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** The names of all roles that a key's text maps, sorted. */
export function rolesIn(text: string | undefined): string[] {
  return [...(text ?? "").matchAll(/role\/([\w-]+)/g)].map(([, name = ""]) => name).toSorted();
}
