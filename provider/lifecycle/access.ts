import { type AccessEntryContent, isAdministratorPolicy } from "../accessEntries/accessEntry";
import { translate } from "../accessEntries/translate";
import { dataKeyOf, entriesOf } from "../awsAuthMap";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { ignoreUserErrors } from "../errors";
import type { Places } from "../identity/clusterAccess";
import { type Mapping, principalKey, principalOf } from "../mapping";
import type { ClusterSession } from "../session/session";
import type { LocatedMapping } from "./places/place";
import type { Step } from "./plan";

/**
 * The current access to a cluster. A place that cannot be read counts as empty, so that unknown entries never count as administrators.
 *
 * @param all whether to read the access entries of all principals, not only those of this one.
 */
export async function viewOf(session: ClusterSession, principal: string, all: boolean): Promise<Places> {
  const entries = await session.accessEntries();
  const mode = (await entries?.cluster())?.authenticationMode;
  const document = mode === "API" ? undefined : await ignoreUserErrors(() => session.document());
  const contents =
    entries === undefined || mode === "CONFIG_MAP"
      ? undefined
      : await ignoreUserErrors(() => (all ? entries.all() : entries.find(principal)));
  return { entries: document === undefined ? [] : entriesOf(document), accessEntries: contents ?? [], mode };
}

/**
 * The access after a plan: for the lock-out check, and for what an identity gains and loses.
 *
 * @param cluster undefined if the plan writes no access entry.
 */
export function accessAfter(
  before: Places,
  steps: readonly Step[],
  located: LocatedMapping,
  cluster?: EksCluster,
): Places {
  const entryFor = (mapping: Mapping): AccessEntryContent | undefined => {
    const translation = cluster && translate(mapping, located.principalArn ?? located.arn, cluster);
    return translation?.kind === "entry" ? translation.content : undefined;
  };
  let after = before;
  for (const { place, write, release } of steps) {
    if (write?.kind === "add" || write?.kind === "write") {
      const { username, groups } = write.content;
      const mapping = { ...located, username, groups };
      after = place === "map" ? withMapping(after, mapping) : withEntry(after, located.principal, entryFor(mapping));
    } else if (release?.kind === "remove") {
      const { principal } = located;
      after = place === "map" ? withoutMapping(after, principal) : withEntry(after, principal, undefined);
    }
  }
  return after;
}

/** The view after a mapping is stored in aws-auth. */
export function withMapping(view: Places, mapping: Mapping): Places {
  const { kind, arn, username, groups } = mapping;
  const principal = principalOf(mapping);
  const identity = kind === "account" ? { account: arn } : { arn };
  const entry = { key: dataKeyOf(mapping), ...identity, principal, username, groups };
  return { ...view, entries: [...withoutMapping(view, principal).entries, entry] };
}

function withoutMapping(view: Places, principal: string): Places {
  return { ...view, entries: view.entries.filter((entry) => entry.principal !== principal) };
}

/** The view after a write or a delete of an access entry. A write keeps the access policies of others. */
export function withEntry(view: Places, principal: string, content: AccessEntryContent | undefined): Places {
  const isOwn = ({ principalArn }: AccessEntryContent) => principalKey(principalArn) === principal;
  const own = view.accessEntries.filter(isOwn).flatMap(({ policies }) => policies);
  const kept = own.filter((policy) => !isAdministratorPolicy(policy));
  const others = view.accessEntries.filter((entry) => !isOwn(entry));
  const written = content === undefined ? [] : [{ ...content, policies: [...content.policies, ...kept] }];
  return { ...view, accessEntries: [...others, ...written] };
}
