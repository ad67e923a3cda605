import type { AccessEntryContent } from "../accessEntries";
import type { AwsAuthMap } from "../awsAuthMap";

/** Asked by a place before each write of one resource. */
export interface Guard {
  /**
   * Judges a change of the map, inside the commit.
   *
   * @throws AwsAuthError `lockout`.
   */
  map(before: AwsAuthMap, after: AwsAuthMap): void;
  /**
   * Judges a change of the principal's access entry, before the call that makes it.
   *
   * @param after undefined: it is deleted.
   * @throws AwsAuthError `lockout`.
   */
  entry(after: AccessEntryContent | undefined): Promise<void>;
}
