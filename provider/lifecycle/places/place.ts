import type { AccessEntryContent } from "../../accessEntries/accessEntry";
import type { AwsAuthMap } from "../../awsAuthMap";
import type { Mapping } from "../../mapping";
import type { Accepted, AcceptedRelease, Me, Refusal, Seen } from "../types";

/** A mapping, declared or in a release that of the state, with what a place needs to find and write its entry. */
export interface LocatedMapping extends Mapping {
  /** From `principalOf`. */
  readonly principal: string;
  /** The ARN with a role's path, for an access entry. Undefined if no place needs it. */
  readonly principalArn: string | undefined;
}

/** Called by a place before each write of one resource. */
export interface Guard {
  /** Checks a change to the map, inside the commit. @throws AwsAuthError `lockout`. */
  map(before: AwsAuthMap, after: AwsAuthMap): void;
  /** Checks a change to the principal's access entry before the call that applies it; undefined for a deletion. @throws AwsAuthError `lockout`. */
  entry(after: AccessEntryContent | undefined): Promise<void>;
}

/**
 * One place of one cluster, for one run. A write is decided on the version that is about to be written, and again on
 * each newer one, so the callbacks must depend only on their argument. A refused decision is returned without a write.
 */
export interface Place {
  /** @param isFresh reads again even if this run has read them. Default: false. */
  observe(mapping: LocatedMapping, isFresh?: boolean): Promise<Seen>;
  /** Writes entry, claim and dropped claims of the map in one request; an access entry gets its claim before its content. */
  write(
    mapping: LocatedMapping,
    me: Me,
    decide: (seen: Seen) => Accepted | Refusal,
    guard: Guard | undefined,
  ): Promise<Accepted | Refusal>;
  /** Reads again before each removal, so that a failed or outdated read is never treated as "no claim". */
  release(
    mapping: LocatedMapping,
    decide: (seen: Seen) => AcceptedRelease | Refusal,
    guard: Guard | undefined,
  ): Promise<AcceptedRelease | Refusal>;
}
