import { clusterAccess } from "../../../provider/access/clusterAccess.ts";
import type { AccessEntryContent, AuthenticationMode, LiveAccessEntry } from "../../../provider/accessEntries/index.ts";
import type { EksRole } from "../../../provider/cluster/eks/eksRoles.ts";
import { parseDocument } from "../../../provider/document/index.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import type { MigrationFacts } from "../../../provider/migration/facts.ts";
import { migrateCluster } from "../../../provider/migration/migrateCluster.ts";
import type { MigratedCluster, MigrationEntry } from "../../../provider/migration/model.ts";
import type { PrincipalFact } from "../../../provider/migration/moves.ts";
import { account, iam } from "../../support/migration/world.ts";
import { live, says } from "../accessEntries/support.ts";

export const adminPolicyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

/** What is known of a cluster "prod" with these data. Roles exist in the path "eng/" since before all access entries. */
export function facts(given: {
  readonly map?: Readonly<Record<string, string>>;
  readonly mode?: AuthenticationMode;
  readonly entries?: readonly LiveAccessEntry[] | string;
  readonly eksRoles?: readonly EksRole[] | string;
  readonly principals?: Readonly<Record<string, PrincipalFact>>;
  readonly caller?: string;
}): MigrationFacts {
  const { map = {}, mode = "API_AND_CONFIG_MAP", entries = [], eksRoles = [], principals = {}, caller } = given;
  return {
    id: `eks:eu-central-1/${account}/prod`,
    label: 'EKS cluster "prod" (eu-central-1)',
    cluster: { authenticationMode: mode, account, partition: "aws" },
    access: clusterAccess(
      parseDocument(map),
      mode,
      typeof entries === "string" ? { unread: entries } : { value: entries },
    ),
    warnings: [],
    eksRoles: typeof eksRoles === "string" ? { unread: eksRoles } : { value: eksRoles },
    principals: new Map(Object.entries({ ...known, ...principals }).map(([arn, one]) => [principalKey(arn), one])),
    caller: caller === undefined ? { unread: "no network" } : { value: caller },
  };
}

/** A role as IAM tells of it. */
export function found(arn: string, createdAt = "2026-01-01T00:00:00Z"): PrincipalFact {
  return { kind: "found", arn, createdAt: new Date(createdAt) };
}

const known: Readonly<Record<string, PrincipalFact>> = Object.fromEntries(
  ["dev", "ops", "admins", "workers", "pods"].map((name) => [iam(`role/${name}`), found(iam(`role/eng/${name}`))]),
);

/** An access entry of the role "dev", or of another principal. */
export function liveOf(content: Partial<LiveAccessEntry> = {}): LiveAccessEntry {
  return live({ principalArn: iam("role/eng/dev"), ...content });
}

/** An access entry that makes an administrator. */
export function liveAdmin(principalArn: string, username: string): LiveAccessEntry {
  const policies: AccessEntryContent["policies"] = [{ policyArn: adminPolicyArn, scope: { type: "cluster" } }];
  return live({ ...says({ principalArn, groups: [], policies }), username });
}

/** What the first entry of a map becomes. */
export function firstEntry(given: Parameters<typeof facts>[0], trusted: readonly string[] = []): MigrationEntry {
  const [entry] = report(given, trusted).entries;
  if (entry === undefined) {
    throw new Error("the map is empty");
  }
  return entry;
}

export function report(given: Parameters<typeof facts>[0], trusted: readonly string[] = []): MigratedCluster {
  return migrateCluster(facts(given), trusted);
}
