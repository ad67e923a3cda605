import { type AccessEntryContent, type AuthenticationMode, clusterAdminPolicy, usernameOf } from "../accessEntries";
import { putFirst } from "../authenticator";
import { type AwsAuthDocument, type Entry, entriesOf, parseDocument } from "../document";
import { formatArn, parseIamArn, principalKey, withoutPath } from "../mapping";
import { superusers } from "../rbac";

/**
 * The map that lets the same people in as a cluster does that also has access entries: an access entry wins over aws-auth for its
 * principal, and in mode `API` aws-auth does not count. An access policy is a group of its name, but for the administrators' one,
 * which is `system:masters`.
 *
 * @param mode the cluster's.
 */
export function effectiveMap(
  document: AwsAuthDocument,
  accessEntries: readonly AccessEntryContent[],
  mode: AuthenticationMode,
): AwsAuthDocument {
  if (mode === "CONFIG_MAP" || (accessEntries.length === 0 && mode !== "API")) {
    return document;
  }
  const winners = new Set(accessEntries.map(({ principalArn }) => principalKey(principalArn)));
  const left = mode === "API" ? [] : entriesOf(document).filter(({ principal }) => !winners.has(principal ?? ""));
  const effective = mapOf([...left.map(itemOf), ...accessEntries.map(accessItemOf)]);
  // What is left may match a principal by a pattern too.
  return putFirst(
    effective,
    entriesOf(effective).filter(({ principal }) => winners.has(principal ?? "")),
  );
}

/** The part of a map that decides who these principals become: to compare all of a map for each change would take a large one seconds. */
export function mapFor(document: AwsAuthDocument, principals: ReadonlySet<string>): AwsAuthDocument {
  const decides = ({ account, principal }: Entry) =>
    account !== undefined || principal === undefined || principals.has(principal);
  return mapOf(entriesOf(document).filter(decides).map(itemOf));
}

function mapOf(items: readonly Item[]): AwsAuthDocument {
  const listOf = (key: Entry["key"]) =>
    JSON.stringify(items.filter((item) => item.key === key).map(({ item }) => item));
  return parseDocument({
    mapRoles: listOf("mapRoles"),
    mapUsers: listOf("mapUsers"),
    mapAccounts: listOf("mapAccounts"),
  });
}

/** An item of one of the lists. */
interface Item {
  readonly key: Entry["key"];
  readonly item: unknown;
}

function itemOf({ key, arn, account, username, groups, sso }: Entry): Item {
  if (account !== undefined) {
    return { key, item: account };
  }
  const name = key === "mapUsers" ? "userarn" : "rolearn";
  return {
    key,
    item: { ...(arn !== undefined && { [name]: arn }), username, groups, ...(sso !== undefined && { sso }) },
  };
}

function accessItemOf(content: AccessEntryContent): Item {
  const arn = parseIamArn(content.principalArn);
  const isUser = arn.kind === "user";
  const text = arn.kind === "role" ? formatArn(withoutPath(arn)) : content.principalArn;
  const partition = content.principalArn.split(":")[1] ?? "aws";
  const policies = content.policies.map(({ policyArn, scope }) =>
    policyArn === clusterAdminPolicy(partition) && scope.type === "cluster"
      ? superusers
      : `access policy ${policyArn.slice(policyArn.lastIndexOf("/") + 1)}${scope.type === "cluster" ? "" : ` in ${scope.namespaces.join(", ")}`}`,
  );
  const groups = content.type === "STANDARD" ? content.groups : nodeGroupsOf(content);
  return {
    key: isUser ? "mapUsers" : "mapRoles",
    item: {
      [isUser ? "userarn" : "rolearn"]: text,
      username: usernameOf(content),
      groups: [...groups, ...policies],
    },
  };
}

/** What EKS gives nodes itself, so that they can join. */
function nodeGroupsOf({ type }: AccessEntryContent): readonly string[] {
  const groups = ["system:bootstrappers", "system:nodes"];
  return type === "EC2_WINDOWS" ? [...groups, "eks:kube-proxy-windows"] : groups;
}
