import type { AccessEntryContent, AccessEntryDifferences, AuthenticationMode } from "../accessEntries";
import type { DataKey } from "../document";
import type { UnreadCluster } from "../review/model";
import type { StayReason } from "./moves";

/** The version of the form of a report. */
export const schemaVersion = 1;

/** What of the aws-auth of clusters has become access entries, what may, and what cannot. */
export interface MigrationReport {
  /** Tells a report from other JSON. */
  readonly kind: "MigrationReport";
  /** The version of this form. Fields are added within a version, and none goes. */
  readonly schemaVersion: typeof schemaVersion;
  /** The clusters that were read, in the order in which they were named. */
  readonly clusters: readonly MigratedCluster[];
  /** The clusters that could not be read. */
  readonly unread: readonly Omit<UnreadCluster, "id">[];
}

/**
 * Whether a cluster can go to the authentication mode `API`.
 *
 * - `done`: it is there
 * - `ready`: nobody loses access by it
 * - `notReady`: something is left to do, or cannot move
 * - `unknown`: it cannot be told
 */
export type Verdict = "done" | "ready" | "notReady" | "unknown";

/** A cluster that was read. */
export interface MigratedCluster {
  /** Tells clusters apart: `eks:eu-central-1/111122223333/prod`. */
  readonly id: string;
  /** Names it for people: `EKS cluster "prod" (eu-central-1)`. */
  readonly name: string;
  /** 12 digits. */
  readonly account: string;
  readonly authenticationMode: AuthenticationMode;
  /** The next mode, from which there is no way back; absent in mode `API`. */
  readonly nextMode?: AuthenticationMode;
  readonly verdict: Verdict;
  /** What to know about the cluster, one sentence each. */
  readonly notes: readonly string[];
  /** What is left to do besides the entries, one sentence each. */
  readonly left: readonly string[];
  /** Every entry of aws-auth, in its order. Empty in mode `API`, which ignores them. */
  readonly entries: readonly MigrationEntry[];
  /** The access entries that EKS makes itself, of managed node groups and Fargate profiles. */
  readonly eksRoles: readonly MigrationEksRole[];
  /** Who administers the cluster, by the group `system:masters` or by the access policy in its place. */
  readonly administrators: readonly MigrationPrincipal[];
  /** Whoever asks for this report. */
  readonly caller: MigrationPrincipal;
}

/** Whether something is as the mode `API` needs it: `done`, `toDo`, or it cannot be told. */
export type Status = "done" | "toDo" | "unknown";

/**
 * The access entry of what becomes one, or of what EKS makes one for:
 *
 * - `equal`: it is there, and says the same
 * - `absent`: there is none
 * - `different`: it is there, and says something else
 * - `dead`: it is there for a role or user that is gone, or was made again
 * - `unproven`: it is there and says the same, but nobody tells whether it is dead
 * - `unread`: access entries could not be read
 * - `notNeeded`: none is to be there
 */
export type AccessEntryState = "equal" | "absent" | "different" | "dead" | "unproven" | "unread" | "notNeeded";

/** An entry of aws-auth. */
export interface MigrationEntry {
  readonly key: DataKey;
  /** Its position in the key's list, from 1. */
  readonly position: number;
  /** The line of the key's text on which it begins; absent if entries share lines. */
  readonly line?: number;
  /** Of a role or user. */
  readonly arn?: string;
  readonly account?: string;
  readonly username: string;
  readonly groups: readonly string[];
  /** Whether it becomes an access entry, needs none, or has no equal. */
  readonly moves: "move" | "leave" | "cannot";
  readonly status: Status;
  readonly state: AccessEntryState;
  /** What is with its access entry, in a clause. */
  readonly says: string;
  /** What an access entry has to say to be the same. */
  readonly accessEntry?: AccessEntryContent;
  /** How the access entry that is there differs from it. */
  readonly differences?: AccessEntryDifferences;
  /** Why it does not move. */
  readonly reasons: readonly StayReason[];
  /** What is not quite the same, or to know besides; one clause each. */
  readonly notes: readonly string[];
}

/** A role for which EKS makes an access entry. */
export interface MigrationEksRole {
  readonly kind: "nodegroup" | "fargateProfile";
  /** The names of the node groups or Fargate profiles that have the role. */
  readonly names: readonly string[];
  readonly roleArn: string;
  readonly status: Status;
  readonly state: AccessEntryState;
  readonly says: string;
}

/** What will hold for somebody in mode `API`. */
export interface MigrationPrincipal {
  readonly arn: string;
  readonly holds: "stays" | "ends" | "unknown";
  /** By what, or why not; a clause. */
  readonly says: string;
}
