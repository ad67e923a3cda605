import { describePolicy } from "../provider/access/accessPolicies";
import { type ClusterAccess, hasAccessEntries } from "../provider/access/clusterAccess";
import type { Right } from "../provider/access/rights";
import type { Outcome } from "../provider/access/verdict";
import { type AccessPolicy, type LiveAccessEntry, policyName } from "../provider/accessEntries/accessEntry";
import { placedEntry, placeOf } from "../provider/authenticator/placedEntry";
import { ownersIn } from "../provider/claims";
import type { AwsAuthDocument, Entry } from "../provider/document";
import type { AccessRequest, Binding, Grant, Name, Subject } from "../provider/rbac";

/** The names of a login's user as people read them: a part that depends on the session stands as its template does in the entry. */
export function namesOf({ user, entry }: Outcome) {
  const text = (name: Name, template = "") => (typeof name === "string" ? name : template);
  const groups = user?.groups.map((group, index) => text(group, entry?.groups[index])) ?? [];
  return user && entry && { username: text(user.username, entry.username), groups };
}

/** What a login comes out as, as data: with the entry that counts, which is one of the map, or an access entry. */
export function loginData(document: AwsAuthDocument, outcome: Outcome): object {
  const { entry, accessEntry, answer } = outcome;
  const byMap = entry && entryData(document, entry);
  const givenBy = accessEntry === undefined ? byMap : accessEntryData(accessEntry);
  return { ...namesOf(outcome), ...(givenBy !== undefined && { givenBy }), answer };
}

function entryData(document: AwsAuthDocument, entry: Entry): object {
  const placed = placedEntry(document, entry);
  return placed === undefined
    ? {}
    : {
        key: placed.key,
        position: placed.position,
        ...(placed.line !== undefined && { line: placed.line }),
        ...(entry.arn !== undefined && { arn: entry.arn }),
      };
}

/** The entry that counts for a login, in words. */
export function givenByText(document: AwsAuthDocument, { entry, accessEntry }: Outcome): string {
  if (accessEntry !== undefined || entry === undefined) {
    return "access entry";
  }
  const placed = placedEntry(document, entry);
  return placed === undefined ? entry.key : placeOf(placed);
}

/** An access entry as data. */
export function accessEntryData(entry: LiveAccessEntry): object {
  const { principalArn, type, username, groups, policies } = entry;
  return {
    accessEntry: principalArn,
    type,
    username,
    groups,
    policies: policies.map(policyData),
    owners: ownersIn(entry),
  };
}

/** An access policy as data: the namespaces are absent for the whole cluster. */
export function policyData({ policyArn, scope }: AccessPolicy): object {
  const name = policyName(policyArn);
  const gives = describePolicy(name);
  return {
    name,
    policyArn,
    ...(scope.type === "namespace" && { namespaces: scope.namespaces }),
    ...(gives !== undefined && { gives }),
  };
}

/** An access policy in words: `AmazonEKSViewPolicy (much as view) in "team-a", "team-b"`. */
export function policyText({ policyArn, scope }: AccessPolicy): string {
  const name = policyName(policyArn);
  const where =
    scope.type === "cluster" ? "everywhere" : `in ${scope.namespaces.map((name) => JSON.stringify(name)).join(", ")}`;
  return `${name} (${describePolicy(name) ?? "its rules are not known here"}) ${where}`;
}

/** Why nothing lets an identity in. */
export function notMapped({ mode, unread }: ClusterAccess, label: string): string {
  if (unread !== undefined) {
    return `Not mapped in aws-auth of ${label}.`;
  }
  return hasAccessEntries({ mode })
    ? `Neither an access entry nor aws-auth maps it in ${label}: its logins are refused.`
    : `Not mapped in ${label}: its logins are refused.`;
}

/** A request, as data: its fields without those that are empty. */
export function requestData(request: AccessRequest): object {
  const isSaid = ([name, value]: [string, string]) => value !== "" || name === "group";
  return Object.fromEntries(Object.entries(request).filter(isSaid));
}

/** A reason for a right, as data. */
export function grantData({ subject, by, isCertain }: Grant): object {
  return {
    through: subjectData(subject),
    ...(by !== undefined && { ...bindingData(by.binding), rule: ruleData(by.rule) }),
    ...(!isCertain && { onlyForThatName: true }),
  };
}

/** A right, as data. */
export function rightData({ namespace, strength, binding, hasRole, subject, isCertain }: Right): object {
  return {
    ...(namespace !== undefined && { namespace }),
    ...(binding !== undefined && bindingData(binding)),
    allows: strength,
    ...(!hasRole && { roleMissing: true }),
    through: subjectData(subject),
    ...(!isCertain && { onlyForThatName: true }),
  };
}

function bindingData({ kind, name, namespace, role }: Binding): object {
  return { binding: { kind, name, ...(namespace !== "" && { namespace }) }, role };
}

function subjectData({ kind, name, namespace }: Subject): object {
  return { kind, name, ...(namespace !== "" && { namespace }) };
}

/** A rule without what it does not say. */
function ruleData(rule: object): object {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}
