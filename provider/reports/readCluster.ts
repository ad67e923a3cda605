import type { LiveAccessEntry } from "../accessEntries/accessEntry";
import { type AwsAuthMap, assertReadable, dataKeys, parseMap } from "../awsAuthMap";
import { accountOf, type ClusterRef, withAccount } from "../cluster/clusterRef";
import { type ClusterConnection, connectionTo, isMissing } from "../cluster/connect";
import type { ApiConnection } from "../cluster/http";
import { type Settings, withoutConfigHint } from "../cluster/settings";
import type { StoredConfigMap } from "../cluster/store";
import { AwsAuthError, asAwsAuthError } from "../errors";
import { type ClusterAccess, clusterAccess, type ReadResult } from "../identity/clusterAccess";
import type { ClusterRights } from "../rights/verdicts";
import { readRights } from "../session/clusterRights";
import { KnownEntries } from "../session/knownEntries";
import { quoted } from "../text/text";

/** What to read in addition to aws-auth. */
export interface WhatToRead {
  /** Selects the access entries. Without it, only aws-auth is read, which fails if the cluster ignores it. */
  readonly accessEntries?: ((entries: KnownEntries) => Promise<readonly LiveAccessEntry[]>) | undefined;
  /** Whether the bindings and roles are read at the same time. */
  readonly rights?: true;
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
  /** Undefined unless requested, and for a manifest, which has no bindings. */
  readonly rights: ClusterRights | undefined;
  /** Undefined unless access entries are requested, and for other clusters than those of EKS. */
  readonly entries: KnownEntries | undefined;
}

/**
 * Reads a cluster. If its access entries or rights cannot be read, the result reports it.
 *
 * @throws AwsAuthError with one of the cluster codes.
 */
export async function readCluster(ref: ClusterRef, settings: Settings, what: WhatToRead = {}): Promise<LiveCluster> {
  const connection = await connectionTo(ref, settings);
  const { store, apiServer, accessEntries } = connection;
  const { label } = store;
  const select = what.accessEntries;
  const api = select && (await accessEntries?.());
  const entries = api && new KnownEntries(api);
  const mode = (await entries?.cluster())?.authenticationMode;
  const rights = what.rights && apiServer && readRights(apiServer);
  const [account, { data, claims, places, version }, read] = await Promise.all([
    store.account(accountOf(ref)),
    mode === "API" ? ignored : store.read(),
    select && (entries === undefined ? readHidden(connection) : readResult(() => select(entries))),
  ]).finally(() => rights);
  const access = clusterAccess(parseMap(data, undefined, claims, { label, places }), mode, read);
  return {
    ref: withAccount(ref, account ?? accountOf(ref)),
    label,
    apiServer,
    data,
    isThere: version !== undefined,
    access,
    notes: accessNotes(access, label),
    rights: await rights,
    entries,
  };
}

/** @throws AwsAuthError `clusterNotFound` for a manifest that does not exist. */
export function assertPresent(ref: ClusterRef): void {
  if (isMissing(ref)) {
    const fault = `file ${quoted(ref.manifest)} does not exist`;
    throw new AwsAuthError("clusterNotFound", `${fault}; give the path of a ConfigMap manifest`);
  }
}

/** @throws AwsAuthError `unreadableKey` if a key cannot be read, since it may contain entries that are looked for. */
export function assertKeysReadable(document: AwsAuthMap): void {
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
}

/** The map of a cluster that ignores it. */
const ignored: StoredConfigMap = { data: {}, version: "" };

async function readHidden({ hiddenEntries }: ClusterConnection): Promise<ReadResult<readonly LiveAccessEntry[]>> {
  const unread = await hiddenEntries?.();
  return unread === undefined ? { value: [] } : { unread: withoutConfigHint(unread) };
}

function accessNotes({ mode, unread }: ClusterAccess, label: string): readonly string[] {
  const incomplete =
    mode === "API"
      ? "access is unknown, since the access entries cannot be read"
      : "this may be incomplete, since the access entries, which take precedence over aws-auth, cannot be read";
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
