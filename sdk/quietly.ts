import * as pulumi from "@pulumi/pulumi";

/** Runs what a program can do without: whatever goes wrong in it is told to nobody but a debug log. */
export async function quietly<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    tellDebug(error);
    return undefined;
  }
}

/** Keeps an error out of the program, and in a debug log. */
export function tellDebug(error: unknown): void {
  try {
    const text = `pulumi-aws-auth did not look at removals: ${error instanceof Error ? error.stack : error}`;
    // There may be no engine left to log to.
    pulumi.log.debug(text).catch(() => undefined);
  } catch {
    // Then there is no log either.
  }
}
