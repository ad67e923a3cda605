import { type LiveAccessEntry, policyName } from "../provider/accessEntries/accessEntry";
import type { AwsAuthMap } from "../provider/awsAuthMap";
import { ownersIn } from "../provider/claims";
import { type ClusterAccess, unreadOf } from "../provider/identity/clusterAccess";
import type { Login, LoginName } from "../provider/identity/login";
import { ownershipOf, ownerTexts, type PlacedEntry, placedEntry, placeOf } from "../provider/identity/placedEntry";
import type { AccessRequest, Grant } from "../provider/rights/authorizer";
import { printable, quoted } from "../provider/text/text";

/** The username and groups of a login; a name that depends on the session is replaced by its template. */
function userNames({ user, given }: Login) {
  const text = (name: LoginName, template = "") => (typeof name === "string" ? name : template);
  const groups = user?.groups.map((group, index) => text(group, given?.groups[index])) ?? [];
  return user && given && { username: text(user.username, given.username), groups };
}

export function loginLines(login: Login<LiveAccessEntry>, access: ClusterAccess): readonly string[] {
  const { document } = access;
  const { entry, accessEntry } = login;
  if (login.given === undefined) {
    return [`  source      none${unreadOf(access) === undefined ? "" : " that could be read"}`];
  }
  const names = userNames(login);
  const ownership = entry ? ownershipOf(document, entry) : { owners: accessEntry ? ownersIn(accessEntry) : [] };
  const owners = ownerTexts(ownership, quoted);
  const principal = accessEntry === undefined ? "" : ` for ${accessEntry.principalArn}`;
  const refusal = accessEntry?.death
    ? `the access entry grants no access, since ${accessEntry.death.text}`
    : (login.refusal ?? "{{EC2PrivateDNSName}} requires a session named after an EC2 instance");
  const lines = [
    ...(names === undefined
      ? [["refused", refusal]]
      : [
          ["username", names.username || '""'],
          ["groups", names.groups.join(", ") || "none"],
        ]),
    ["source", `${givenByText(document, login)}${principal}`],
    ...(accessEntry === undefined || accessEntry.type === "STANDARD" ? [] : [["type", accessEntry.type]]),
    ...(owners.length === 0 ? [] : [["claimed by", owners.join(" and ")]]),
  ];
  return lines.map(([name = "", text = ""]) => `  ${name.padEnd(12)}${printable(text)}`);
}

export function loginData(document: AwsAuthMap, login: Login<LiveAccessEntry>): object {
  const { entry, accessEntry } = login;
  const placed = entry && placedEntry(document, entry);
  const givenBy = accessEntry === undefined ? placed && entryData(document, placed) : accessEntryData(accessEntry);
  return { ...userNames(login), refused: accessEntry?.death?.text ?? login.refusal, givenBy };
}

export function givenByText(document: AwsAuthMap, { entry, accessEntry }: Login<LiveAccessEntry>): string {
  const placed = entry && placedEntry(document, entry);
  return accessEntry !== undefined ? "access entry" : placed === undefined ? "no entry" : placeOf(placed);
}

export function entryData(document: AwsAuthMap, { key, position, line, entry }: PlacedEntry): object {
  const { arn, account, sso, username, groups } = entry;
  const content = key === "mapAccounts" ? { account } : { arn, sso, username, groups };
  return { key, position, line, ...content, ...ownershipOf(document, entry) };
}

function accessEntryData(entry: LiveAccessEntry): object {
  const { principalArn, type, username, groups } = entry;
  return { accessEntry: principalArn, type, username, groups, policies: policiesData(entry), owners: ownersIn(entry) };
}

export function policiesData({ policies }: LiveAccessEntry): readonly object[] {
  return policies.map(({ policyArn, scope }) => ({
    name: policyName(policyArn),
    policyArn,
    namespaces: scope.type === "namespace" ? scope.namespaces : undefined,
  }));
}

export function requestData(request: AccessRequest): object {
  return Object.fromEntries(Object.entries(request).filter(([name, value]) => value !== "" || name === "group"));
}

export function grantData({ binding, subject, isCertain }: Grant): object {
  const through = { kind: subject.kind, name: subject.name };
  if (binding === undefined) {
    return { through };
  }
  const { kind, name, namespace, role } = binding;
  return {
    through,
    binding: { kind, name, namespace: namespace || undefined },
    role,
    onlyForThatName: isCertain ? undefined : true,
  };
}
