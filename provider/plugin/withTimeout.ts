import { AwsAuthError } from "../errors";

/**
 * Waits for an operation at most as long as the resource option `customTimeouts` says. The operation itself goes on, since a request that
 * is on its way cannot be taken back; the next run finds what it has written.
 *
 * @param seconds 0 for no limit but that of the operation.
 * @throws AwsAuthError `clusterUnreachable` if the time is up.
 */
export async function withTimeout<Result>(seconds: number, name: string, operation: Promise<Result>): Promise<Result> {
  // Longer than any operation, and than what a timer can wait.
  if (!(seconds > 0 && seconds < 1_000_000)) {
    return operation;
  }
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const problem = `the ${name} took longer than the ${seconds} s of customTimeouts; whether it was written is not known, so run again`;
      reject(new AwsAuthError("clusterUnreachable", problem));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([operation, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
