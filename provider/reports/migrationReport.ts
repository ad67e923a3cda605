import { type AuthenticationMode, isAdministrator } from "../accessEntries/accessEntry";
import { type AwsAuthMap, type DataKey, entriesOf, parseMap, problemsOf } from "../awsAuthMap";
import type { ClusterRef } from "../cluster/clusterRef";
import { openMap } from "../cluster/connect";
import type { IamPrincipal } from "../cluster/eks/accessEntryApi";
import { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import { EksConnection } from "../cluster/eks/eksConnection";
import { type Settings, withoutConfigHint } from "../cluster/settings";
import { AwsAuthError } from "../errors";
import { principalKey } from "../mapping";
import { KnownEntries } from "../session/knownEntries";
import { plural, quoted } from "../text/text";
import { type MigrationFacts, type Move, movesOf } from "./moves";

/** The moves of the entries in the aws-auth of a cluster, and whether the cluster is ready for its next authentication mode. */
export interface MigrationReport {
  /** Distinguishes a report from other JSON. */
  readonly kind: "MigrationReport";
  /** The version of this schema. Fields are added within a version, and never removed. */
  readonly schemaVersion: 1;
  /** The cluster's display name: `EKS cluster "prod" (eu-central-1)`. */
  readonly cluster: string;
  readonly account: string;
  readonly authenticationMode: AuthenticationMode;
  /** The next mode, which cannot be undone; absent in mode `API`. */
  readonly nextMode?: AuthenticationMode;
  /** Whether no identity loses access in the next mode; true in mode `API`. */
  readonly isReady: boolean;
  /** Other obstacles and unknowns, one sentence each. */
  readonly notes: readonly string[];
  /** One item for each entry of aws-auth, in its order. Empty in mode `API`, which ignores them. */
  readonly entries: readonly MigrationEntry[];
}

/** An entry of aws-auth, and whether it moves. */
export interface MigrationEntry extends Move {
  readonly key: DataKey;
  /** Its position in the key's list, from 1. */
  readonly position: number;
  /** The line of the key's text on which it begins; absent if entries share lines. */
  readonly line?: number;
  readonly arn?: string;
  readonly account?: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/**
 * Reads a cluster, and returns for each entry of its aws-auth whether it moves. Never writes.
 *
 * @throws AwsAuthError `invalidInput` if it is not an EKS cluster, and any of the cluster codes if something cannot be read.
 */
export async function migrate(ref: ClusterRef, settings: Settings): Promise<MigrationReport> {
  if (ref.kind !== "eks") {
    const text = "migrate requires an EKS cluster by name or ARN; use --cluster NAME";
    throw new AwsAuthError("invalidInput", text);
  }
  const connection = new EksConnection(ref, settings);
  const api = new AccessEntryApi(ref, settings, connection);
  const cluster = await api.cluster();
  const mode = cluster.authenticationMode;
  // Read sequentially, so that the first of several missing permissions is always the same.
  const map = mode === "API" ? undefined : await openMap(ref, settings, connection).then((open) => open.read());
  const entries = mode === "CONFIG_MAP" ? [] : await new KnownEntries(api).all();
  const eksRoles = mode === "API" ? [] : await api.eksRoles();
  const document = map?.document ?? parseMap({});
  const { principals, unread } = await readPrincipals(api, document);
  const report = reportOn(api.label, {
    cluster,
    document,
    entries: Map.groupBy(entries, ({ principalArn }) => principalKey(principalArn)),
    eksRoles: new Set(eksRoles.map(principalKey)),
    principals,
  });
  return { ...report, notes: [...unread, ...report.notes] };
}

/** Creates the report from the data of a cluster. Pure. */
export function reportOn(label: string, facts: MigrationFacts): MigrationReport {
  const { cluster, document } = facts;
  const mode = cluster.authenticationMode;
  const nextMode = nextModes[mode];
  const unreadable = problemsOf(document).map(({ text }) => text);
  const hasAdministrator = [...facts.entries.values()].flat().some(isAdministrator);
  const missing = nextMode === "API" && !hasAdministrator ? ["no access entry grants administrator rights"] : [];
  const entries = movesOf(facts).map(({ placed, ...move }): MigrationEntry => {
    const { entry, key, position, line } = placed;
    const { arn, account, username, groups } = entry;
    return {
      key,
      position,
      ...(line !== undefined && { line }),
      ...(arn !== undefined && { arn }),
      ...(account !== undefined && { account }),
      username,
      groups,
      ...move,
    };
  });
  const stands = [...unreadable, ...missing];
  return {
    kind: "MigrationReport",
    schemaVersion: 1,
    cluster: label,
    account: cluster.account,
    authenticationMode: mode,
    ...(nextMode !== undefined && { nextMode }),
    // In API_AND_CONFIG_MAP aws-auth stays in force.
    isReady: stands.length === 0 && (nextMode !== "API" || entries.every(({ isDone }) => isDone)),
    notes: stands,
    entries,
  };
}

const nextModes: Readonly<Record<AuthenticationMode, AuthenticationMode | undefined>> = {
  CONFIG_MAP: "API_AND_CONFIG_MAP",
  API_AND_CONFIG_MAP: "API",
  API: undefined,
};

/** Reads the roles and users of the map from IAM. Those that cannot be read, such as those of other accounts, are noted in one sentence. */
async function readPrincipals(api: AccessEntryApi, document: AwsAuthMap) {
  const arns = new Map(entriesOf(document).flatMap(({ arn }) => (arn === undefined ? [] : [[principalKey(arn), arn]])));
  const principals = new Map<string, IamPrincipal | undefined>();
  const unread: string[] = [];
  const ask = async ([key, arn]: readonly [string, string]) => {
    try {
      principals.set(key, await api.principal(arn));
    } catch (error) {
      if (!(error instanceof AwsAuthError)) {
        throw error;
      }
      unread.push(`${quoted(arn)}: ${withoutConfigHint(error.message)}`);
    }
  };
  await Promise.all([...arns].map(ask));
  const [first] = unread;
  const subject = `IAM cannot be read for ${plural(unread.length, "principal")}, so dead access entries may be missed`;
  return { principals, unread: first === undefined ? [] : [`${subject}: ${first}`] };
}
