import type { AccessEntryContent } from "../../accessEntries/accessEntry";
import type { AwsAuthMap } from "../../awsAuthMap";
import type { Accepted, AcceptedRelease, Me, Refusal, Seen } from "../types";

/** The principal of an entry, with what a place needs to write one. */
export interface Subject {
  /** The key for comparisons: the `principalKey` of the ARN, or the account ID. */
  readonly principal: string;
  readonly kind: "role" | "user" | "account";
  /** The ARN as aws-auth stores it, without a role's path; the ID for an account. */
  readonly arn: string;
  /** The ARN with a role's path, for an access entry. Undefined if no place needs it. */
  readonly principalArn?: string | undefined;
  /**
   * The declared username, or in a release the one in the state. EKS gives an access entry without one a default name,
   * which counts as omitted unless it equals this one.
   */
  readonly username?: string | undefined;
}

/** Called by a place before each write of one resource. */
export interface Guard {
  /**
   * Judges a change of the map, inside the commit.
   *
   * @throws AwsAuthError `lockout`.
   */
  map(before: AwsAuthMap, after: AwsAuthMap): void;
  /**
   * Judges a change of the principal's access entry, before the call that applies it.
   *
   * @param after undefined for a deletion.
   * @throws AwsAuthError `lockout`.
   */
  entry(after: AccessEntryContent | undefined): Promise<void>;
}

/**
 * One place of one cluster, for one run. A write is decided on the version that is about to be written, and again on
 * each newer one, so the callbacks must depend only on their argument. A refused decision is returned without a write.
 */
export interface Place {
  /**
   * Reads the principal's entries and claims, as far as this run knows them. Throws if they cannot be read.
   *
   * @param isFresh reads again even if this run has read them. Default: false.
   */
  observe(subject: Subject, isFresh?: boolean): Promise<Seen>;
  /** Writes entry, claim and dropped claims of the map in one request; an access entry gets its claim before its content. */
  write(
    subject: Subject,
    me: Me,
    decide: (seen: Seen) => Accepted | Refusal,
    guard: Guard | undefined,
  ): Promise<Accepted | Refusal>;
  /** Reads again before each removal, so that a failed or outdated read never counts as "no claim". */
  release(
    subject: Subject,
    decide: (seen: Seen) => AcceptedRelease | Refusal,
    guard: Guard | undefined,
  ): Promise<AcceptedRelease | Refusal>;
}
