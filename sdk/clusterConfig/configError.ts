import { AwsAuthError } from "../../provider/errors";

/**
 * The error for a ClusterConfig that cannot be used, with everything that is wrong with it.
 *
 * @param summary what cannot be used.
 * @param reasons one line for each fault, its place first.
 */
export function configError(summary: string, reasons: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", [`${summary}:`, ...reasons].join("\n  "));
}
