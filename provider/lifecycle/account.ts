import { accountOf, type ClusterRef, isSameCluster, storedRef, unreachablePolicy, withAccount } from "../cluster";
import { AwsAuthError } from "../errors";
import { run } from "./run";

/**
 * The cluster of an input with its account: the one that the program gives, else the one that the state knows, else the one that the
 * credentials lead to. It is unknown only where the cluster cannot be reached, and the stack says to go on all the same.
 *
 * @param stored the cluster in the old inputs, if there are any.
 * @throws AwsAuthError `clusterChanged` where the credentials lead to another account, and any other of the cluster codes.
 */
export async function withCheckedAccount(ref: ClusterRef, stored: unknown): Promise<ClusterRef> {
  const expected = accountOf(ref) ?? storedAccount(ref, stored);
  const session = await run.session(ref);
  try {
    return withAccount(ref, await session.account(expected));
  } catch (error) {
    if (
      error instanceof AwsAuthError &&
      error.code === "clusterUnreachable" &&
      unreachablePolicy(run.settings) === "warn"
    ) {
      return withAccount(ref, expected);
    }
    throw error;
  }
}

/** An account reached by a change of credentials alone is no change of the program, and must not replace a mapping. */
function storedAccount(ref: ClusterRef, stored: unknown): string | undefined {
  const before = storedRef(stored, run.settings);
  return before !== undefined && isSameCluster(before, ref) ? accountOf(before) : undefined;
}
