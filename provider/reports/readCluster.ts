import { absenceOf, type IamPrincipal, type LiveAccessEntry, notInIam } from "../accessEntries/accessEntry";
import { parseMap } from "../awsAuthMap";
import { accountOf, type ClusterRef, withAccount } from "../cluster/clusterRef";
import { type ClusterConnection, connectionTo, isMissing } from "../cluster/connect";
import type { ApiConnection } from "../cluster/http";
import { readRights } from "../cluster/kubernetes/objects";
import { type Settings, withoutConfigHint } from "../cluster/settings";
import type { StoredConfigMap } from "../cluster/store";
import { AwsAuthError, asAwsAuthError } from "../errors";
import { type ClusterAccess, clusterAccess, type ReadResult } from "../identity/clusterAccess";
import type { Identity } from "../identity/identity";
import { parseIamArn, principalKey } from "../mapping";
import type { ClusterRights } from "../rights/verdicts";
import { KnownEntries } from "../session/knownEntries";
import type { KnownPrincipals } from "../session/knownPrincipals";
import { plural, quoted } from "../text/text";

/** What to read in addition to aws-auth. */
export interface WhatToRead {
  /** Selects the access entries. Without it, only aws-auth is read, which fails if the cluster ignores it. */
  readonly accessEntries?: ((entries: KnownEntries) => Promise<readonly LiveAccessEntry[]>) | undefined;
  /** The principals to read from IAM: those of the selected access entries, or also those of aws-auth. Default: none. */
  readonly iam?: "accessEntries" | "all";
  /** A principal to read from IAM as well. */
  readonly principal?: string | undefined;
  /** Whether the bindings and roles are read at the same time. */
  readonly rights?: true;
  /** The principals that the run knows from other clusters. */
  readonly known?: KnownPrincipals;
}

/** Roles and users in IAM, by `principalKey`. Unknown ones are omitted. */
export type IamPrincipals = ReadonlyMap<string, IamPrincipal | MissingPrincipal>;

/** IAM has no role or user of an ARN. */
export interface MissingPrincipal {
  readonly isMissing: true;
  /** The principal that IAM has instead, as a clause. */
  readonly text: string;
  /** The ARN of the role that IAM Identity Center uses now for the permission set of this one. */
  readonly successor: string | undefined;
}

export function isMissingPrincipal(found: object | undefined): found is MissingPrincipal {
  return found !== undefined && "isMissing" in found;
}

/** Why no one can log in as an identity, as a clause; undefined if IAM has it, or if that is unknown. */
export function absenceIn({ principals }: Pick<LiveCluster, "principals">, { arn }: Identity): string | undefined {
  const found = principals.get(principalKey(arn));
  return isMissingPrincipal(found) ? found.text : undefined;
}

/** A cluster as a command reads it, over one connection. */
export interface LiveCluster {
  /** With the account that the cluster reports. */
  readonly ref: ClusterRef;
  readonly label: string;
  /** The connection to its API server, for reading other objects; undefined for a manifest. */
  readonly apiServer: ApiConnection | undefined;
  /** All data keys of the ConfigMap; empty if the cluster ignores it. */
  readonly data: StoredConfigMap["data"];
  /** Whether the ConfigMap exists; true if the cluster ignores it. */
  readonly isThere: boolean;
  readonly access: ClusterAccess;
  /** What is incomplete, and whether aws-auth has an effect, one clause each. */
  readonly notes: readonly string[];
  /** Empty unless requested, and for other clusters than those of EKS. */
  readonly principals: IamPrincipals;
  /** Why some principals could not be read from IAM. */
  readonly iamNotes: readonly string[];
  /** Undefined unless requested, and for a manifest, which has no bindings. */
  readonly rights: ClusterRights | undefined;
  /** Undefined unless access entries are requested, and for other clusters than those of EKS. */
  readonly entries: KnownEntries | undefined;
}

/** If the access entries or the rights cannot be read, the result reports it. */
export async function readCluster(ref: ClusterRef, settings: Settings, what: WhatToRead = {}): Promise<LiveCluster> {
  const connection = await connectionTo(ref, settings);
  const { store, apiServer, accessEntries } = connection;
  const { label } = store;
  const { accessEntries: select, iam } = what;
  const api = select && (await accessEntries?.());
  const entries = api && new KnownEntries(api, undefined, what.known);
  const mode = (await entries?.cluster())?.authenticationMode;
  const find = select && (async (known: KnownEntries) => (iam ? known.withDeaths(await select(known)) : select(known)));
  const rights = what.rights && apiServer && readRights(apiServer);
  const [found, { data, claims, version, ...origin }, read] = await Promise.all([
    store.account(accountOf(ref)),
    mode === "API" ? ignored : store.read(),
    find && (entries === undefined ? readHidden(connection) : readResult(() => find(entries))),
  ]).finally(() => rights);
  const account = found ?? accountOf(ref);
  const access = clusterAccess(parseMap(data, undefined, claims, { label, ...origin }), mode, read, account);
  const arns = [
    ...[what.principal ?? ""].filter((arn) => parseIamArn(arn)?.account === account),
    ...(iam === undefined ? [] : access.accessEntries.map(({ principalArn }) => principalArn)),
    ...(iam === "all" ? access.entries.flatMap(({ arn }) => arn ?? []) : []),
  ];
  const { principals, iamNotes } = await readPrincipals(entries, arns);
  return {
    ref: withAccount(ref, account),
    label,
    apiServer,
    data,
    isThere: version !== undefined,
    access,
    notes: [...accessNotes(access, label), ...iamNotes],
    principals,
    iamNotes,
    rights: await rights,
    entries,
  };
}

/** @throws AwsAuthError `clusterNotFound` for a manifest that does not exist. */
export function assertPresent(ref: ClusterRef): void {
  if (isMissing(ref)) {
    const fault = `manifest ${quoted(ref.manifest)} does not exist`;
    throw new AwsAuthError("clusterNotFound", `${fault}; specify the path to a ConfigMap manifest`);
  }
}

/** The map of a cluster that ignores it. */
const ignored: StoredConfigMap = { data: {}, version: "" };

async function readHidden({ hiddenEntries }: ClusterConnection): Promise<ReadResult<readonly LiveAccessEntry[]>> {
  const unread = await hiddenEntries?.();
  return unread === undefined ? { value: [] } : { unread: withoutConfigHint(unread) };
}

/** Reads roles and users from IAM, and notes in one clause that some are unknown. */
async function readPrincipals(entries: KnownEntries | undefined, arns: readonly string[]) {
  const asked = new Map(entries && arns.filter(parseIamArn).map((arn) => [principalKey(arn), arn]));
  const principals = new Map<string, IamPrincipal | MissingPrincipal>();
  const unlisted = new Set<string>();
  const read = [...asked].map(async ([key, arn]) => {
    const found = await entries?.principal(arn);
    if (found === "unknown") {
      return;
    }
    const text = absenceOf(arn, found);
    if (found !== undefined && text === undefined) {
      principals.set(key, found);
      return;
    }
    const result = await entries?.ssoSuccessor(arn);
    const successor = result && "value" in result ? result.value : undefined;
    principals.set(key, { isMissing: true, text: text ?? notInIam, successor });
    if (result && "unread" in result) {
      unlisted.add(`the current roles of IAM Identity Center are unknown: ${withoutConfigHint(result.unread)}`);
    }
  });
  await Promise.all(read);
  const unknown = asked.size - principals.size;
  const refusal = entries?.iamRefusal && withoutConfigHint(entries.iamRefusal);
  const note = `IAM cannot be read for ${plural(unknown, "principal")}, so a deleted or recreated role or user may be missed`;
  const other = "iam:GetRole and iam:GetUser return only principals of the cluster's account";
  return { principals, iamNotes: [...(unknown === 0 ? [] : [`${note}: ${refusal ?? other}`]), ...unlisted] };
}

function accessNotes({ mode, unread }: ClusterAccess, label: string): readonly string[] {
  const incomplete =
    mode === "API"
      ? "access is unknown, since the access entries cannot be read"
      : "this may be incomplete, because access entries take precedence over aws-auth and cannot be read";
  return [
    ...(mode === "API" ? [`${label} has authentication mode API and ignores aws-auth`] : []),
    ...(unread === undefined ? [] : [`${incomplete}: ${unread}`]),
  ];
}

/** Reads something optional. A failure is worded without the hint that applies only to Pulumi programs. */
export async function readResult<T>(read: () => Promise<T>): Promise<ReadResult<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { unread: withoutConfigHint(asAwsAuthError(error).message) };
  }
}
