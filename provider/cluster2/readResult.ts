import { AwsAuthError } from "../errors";
import type { ReadResult } from "../readResult";
import { withoutConfigHint } from "./settings";

/**
 * Reads something that the rest can do without.
 *
 * @throws whatever is no AwsAuthError: a bug.
 */
export async function readResult<T>(read: () => Promise<T>): Promise<ReadResult<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof AwsAuthError) {
      // The hint is for runs of Pulumi.
      return { unread: withoutConfigHint(error.message) };
    }
    throw error;
  }
}
