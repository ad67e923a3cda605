import { mayLockOut } from "../access/lockout";
import { loginMap as mapOfView } from "../access/loginMap";
import { type AccessEntryContent, type AuthenticationMode, hasOwnUser, isAdministrator } from "../accessEntries";
import { behindKubeconfig } from "../cluster/eks/eksEndpoint";
import { type AwsAuthDocument, parseDocument } from "../document";
import { report } from "../engine/diagnostics";
import { AwsAuthError, isMapIgnored } from "../errors";
import { principalKey } from "../mapping";
import type { ClusterSession } from "../session/session";
import { withoutDead } from "./places/accessEntryCluster";

/** Both places of a cluster at one version. */
export interface ClusterView {
  readonly document: AwsAuthDocument;
  /**
   * What the access entries say that may let anybody in, by principal: undefined for those that a change has removed. Undefined where
   * EKS is not asked for any.
   */
  readonly entries: ReadonlyMap<string, AccessEntryContent | undefined> | undefined;
  /** The cluster's. Without access entries, it does not matter. */
  readonly mode: AuthenticationMode;
  readonly label: string;
  /** Says why access entries that win over aws-auth are not known. */
  readonly unread?: string;
}

export type Change = (view: ClusterView) => ClusterView;

/** Who logs in as whom: access entries win over aws-auth, in the mode of the cluster. */
export function loginMap({ document, entries, mode }: ClusterView): AwsAuthDocument {
  const contents = [...(entries?.values() ?? [])].filter((content) => content !== undefined);
  return entries === undefined ? document : mapOfView({ document, entries: contents, mode });
}

/** The view with what the access entry of a principal says after a change; undefined: it is gone. */
export function withEntry(view: ClusterView, principal: string, content: AccessEntryContent | undefined): ClusterView {
  return view.entries === undefined ? view : { ...view, entries: new Map(view.entries).set(principal, content) };
}

/** A cluster of which the map alone is known. */
export function viewOfMap(document: AwsAuthDocument, label = ""): ClusterView {
  return { document, entries: undefined, mode: "CONFIG_MAP", label };
}

export function folded(view: ClusterView, changes: readonly Change[]): ClusterView {
  return changes.reduce((next, change) => change(next), view);
}

/**
 * A view with the access entries of some principals besides those that it has, without those that let nobody in any more. Where a stack
 * has no access entries, it may not be allowed to read those of others.
 *
 * @param isNeeded whether that is an error.
 * @param isAll whether it matters what all others have.
 * @param known contents that need not be read.
 */
export async function withEntries(
  session: ClusterSession,
  view: ClusterView,
  isNeeded: boolean,
  principals: ReadonlySet<string>,
  isAll: boolean,
  known: readonly AccessEntryContent[] = [],
): Promise<ClusterView> {
  try {
    const entries = await session.accessEntries();
    if (isAll && (await session.hidesEntries())) {
      return withoutEntries(view, `${behindKubeconfig}; name the EKS cluster by its name, its ARN or the resource`);
    }
    const cluster = await entries?.cluster();
    if (entries === undefined || cluster === undefined || cluster.authenticationMode === "CONFIG_MAP") {
      return view;
    }
    const read = isAll
      ? await entries.all(new Set(known.map(({ principalArn }) => principalArn)))
      : (await Promise.all([...principals].map((principal) => entries.find(principal)))).flat();
    // Whoever is an administrator or a node by a dead entry is none, and a dead entry overrides nobody.
    const isAsked = (entry: AccessEntryContent) => {
      const principal = principalKey(entry.principalArn);
      const isGuarded = isAdministrator(entry) || !hasOwnUser(entry) || mayLockOut(view.document, principal, undefined);
      return isGuarded || principals.has(principal);
    };
    const seen = [...(view.entries ?? [])];
    const contents: readonly AccessEntryContent[] = [
      ...known,
      ...read,
      ...seen.flatMap(([, content]) => content ?? []),
    ];
    const living = await withoutDead({ entries, cluster }, contents, isAsked);
    const gone = seen.filter(([, content]) => content === undefined);
    return {
      ...view,
      entries: new Map([...living.map((content) => [principalKey(content.principalArn), content] as const), ...gone]),
      mode: cluster.authenticationMode,
      label: entries.api.label,
    };
  } catch (error) {
    if (isNeeded || !(error instanceof AwsAuthError)) {
      throw error;
    }
    return withoutEntries(view, error.message);
  }
}

function withoutEntries(view: ClusterView, reason: string): ClusterView {
  const unread = `access entries, which win over aws-auth, cannot be read, so that who remains an administrator or a node is judged by aws-auth alone: ${reason}`;
  return { ...view, unread };
}

/**
 * Reads access entries of administrators and nodes again, since another run may have removed them, until one of each is seen.
 *
 * @param principal the one whose entry does not matter.
 */
export async function readHolderAgain(session: ClusterSession, view: ClusterView, principal: string): Promise<void> {
  const entries = await session.accessEntries();
  const isNodes = (content: AccessEntryContent) => !hasOwnUser(content);
  for (const isHolder of [isAdministrator, isNodes]) {
    for (const [name, content] of view.entries ?? []) {
      if (name !== principal && content !== undefined && isHolder(content)) {
        const found = await entries?.reread(content.principalArn);
        if (found !== undefined && isHolder(found)) {
          break;
        }
      }
    }
  }
}

/** Whether anybody may get in by an access entry. */
export async function hasEntries(session: ClusterSession): Promise<boolean> {
  const entries = await session.accessEntries();
  const mode = (await entries?.cluster())?.authenticationMode ?? "CONFIG_MAP";
  return mode !== "CONFIG_MAP" && ((await entries?.all()) ?? []).length > 0;
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

/**
 * Whether the live map can be read. False if the cluster ignores it and the resource does not need it.
 *
 * @param isNeeded whether the resource is kept there.
 */
export async function isMapReadable(session: ClusterSession, isNeeded: boolean): Promise<boolean> {
  try {
    await session.document();
    return true;
  } catch (error) {
    if (!isNeeded && isMapIgnored(error)) {
      return false;
    }
    throw error;
  }
}
