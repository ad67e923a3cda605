import { loginMap as mapOfView } from "../access/loginMap";
import {
  type AccessEntryContent,
  type AuthenticationMode,
  hasOwnUser,
  isAdministrator,
  type LiveAccessEntry,
} from "../accessEntries";
import { type AwsAuthDocument, parseDocument } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, isMapIgnored } from "../errors";
import { principalKey } from "../mapping";
import type { ClusterSession } from "../session/session";
import { entryClusterOf, withoutDead } from "./places/entryCluster";

/** Both places of a cluster at one version. */
export interface ClusterView {
  readonly document: AwsAuthDocument;
  /** What the access entries say that may let anybody in, by principal; undefined where EKS is not asked for any. */
  readonly entries: ReadonlyMap<string, AccessEntryContent> | undefined;
  /** The cluster's. Without access entries, it does not matter. */
  readonly mode: AuthenticationMode;
  /** Names the cluster, for messages. */
  readonly label: string;
}

/** What a resource changes. */
export type Change = (view: ClusterView) => ClusterView;

/** Who logs in as whom: access entries win over aws-auth, in the mode of the cluster. */
export function loginMap({ document, entries, mode }: ClusterView): AwsAuthDocument {
  return entries === undefined ? document : mapOfView({ document, entries: [...entries.values()], mode });
}

/** Access entries by principal. */
export function byPrincipal(contents: readonly AccessEntryContent[]): ReadonlyMap<string, AccessEntryContent> {
  return new Map(contents.map((content) => [principalKey(content.principalArn), content]));
}

/** The view with what the access entry of a principal says after a change; undefined: it is gone. */
export function withEntry(view: ClusterView, principal: string, content: AccessEntryContent | undefined): ClusterView {
  if (view.entries === undefined) {
    return view;
  }
  const entries = new Map(view.entries);
  if (content === undefined) {
    entries.delete(principal);
  } else {
    entries.set(principal, content);
  }
  return { ...view, entries };
}

/**
 * Both places of a cluster, for a change of one principal.
 *
 * @param isWithEntries whether access entries matter; else EKS is not asked for any.
 */
export async function viewOf(session: ClusterSession, principal: string, isWithEntries: boolean): Promise<ClusterView> {
  if (!isWithEntries) {
    return { document: await session.document(), entries: undefined, mode: "CONFIG_MAP", label: "" };
  }
  const at = await entryClusterOf(session);
  const mode = at.cluster.authenticationMode;
  // Whoever is an administrator or a node by a dead entry is none.
  const isAsked = (entry: AccessEntryContent) =>
    principalKey(entry.principalArn) === principal || isAdministrator(entry) || !hasOwnUser(entry);
  const all: readonly LiveAccessEntry[] = mode === "CONFIG_MAP" ? [] : await at.entries.all();
  const entries = byPrincipal(await withoutDead(at, all, isAsked));
  return { document: await documentIfReadable(session), entries, mode, label: at.entries.api.label };
}

/**
 * The map, as far as a mapping needs it that is not kept there: an empty one on a cluster that ignores it, and where this run cannot read
 * it, which is told. EKS alone makes access entries, so that they need no way to the API server.
 */
export async function documentIfReadable(session: ClusterSession): Promise<AwsAuthDocument> {
  try {
    return await documentOf(session);
  } catch (error) {
    if (error instanceof AwsAuthError) {
      const text = `${error.message}; access entries are compared with each other alone, since who is mapped there is not known`;
      await report("info", text, undefined);
      return parseDocument({});
    }
    throw error;
  }
}

/** The map; an empty one on a cluster that ignores it. */
export function documentOf(session: ClusterSession): Promise<AwsAuthDocument> {
  return session.document().catch((error: unknown) => {
    if (isMapIgnored(error)) {
      return parseDocument({});
    }
    throw error;
  });
}
