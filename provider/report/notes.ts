import { type AwsAuthDocument, type Entry, entriesOf } from "../document";
import { knownTemplates, unknownTemplates } from "../mapping";
import type { CallerIdentity } from "./callerIdentity";
import { resolveIdentity } from "./resolve";

/** What to know about an identity besides its mapping, one sentence each. */
export function notesOn(
  document: AwsAuthDocument,
  identity: CallerIdentity,
  givenBy: Entry | undefined,
  shadowed: readonly Entry[],
): string[] {
  return [
    ...pathNote(identity),
    ...(givenBy === undefined ? [] : [...contentNotes(givenBy), ...ssoNote(document, identity, givenBy)]),
    ...spellingNote(document, identity, givenBy),
    ...accountNote(identity, shadowed),
  ];
}

function pathNote({ strippedPath, arn }: CallerIdentity): string[] {
  return strippedPath === undefined
    ? []
    : [
        `The role's path "${strippedPath}" is left out, as AWS reports the role's sessions: entries are compared with ${arn}.`,
      ];
}

function contentNotes(entry: Entry): string[] {
  if (entry.key === "mapAccounts") {
    return ["An entry of mapAccounts gives each identity of the account its own ARN as username, and no groups."];
  }
  const texts = [entry.username, ...entry.groups];
  const known = knownTemplates.filter((template) => texts.some((text) => text.includes(template)));
  const unknown = texts.flatMap((text) => unknownTemplates(text).map((template) => template.text));
  const isNode = known.includes("{{EC2PrivateDNSName}}");
  return [
    ...(known.length > 0 ? [`${known.join(", ")} ${known.length === 1 ? "is" : "are"} filled in at each login.`] : []),
    ...(isNode
      ? ["A login whose session is not named like an EC2 instance is refused, since it has no {{EC2PrivateDNSName}}."]
      : []),
    ...unknown.map((text) => `${text} is no template of the authenticator, and stays as it is.`),
    ...(entry.username === "" ? ["The username is empty: the entry has none, or one that is not a string."] : []),
  ];
}

/** Entries of permission sets count only with a feature gate, of which nobody can see from outside whether it is on. */
function ssoNote(document: AwsAuthDocument, identity: CallerIdentity, givenBy: Entry): string[] {
  const without = resolveIdentity(document, identity, { ssoRoleMatch: false });
  if (without.candidates.includes(givenBy) && without.candidates.length === 1) {
    const withSso = resolveIdentity(document, identity, { ssoRoleMatch: true });
    if (withSso.candidates.length === 1) return [];
  }
  const [other] = without.candidates;
  const otherwise =
    other === undefined ? "nobody" : `what the entry without sso says (username ${JSON.stringify(other.username)})`;
  return [
    `Entries with sso count only where the authenticator's feature gate SSORoleMatch is on, which it is not by default; without it this identity is ${otherwise}.`,
  ];
}

function accountNote({ account }: CallerIdentity, shadowed: readonly Entry[]): string[] {
  return shadowed.some(({ key }) => key === "mapAccounts")
    ? [`Without that entry, mapAccounts would still let it in: account ${account} is listed there.`]
    : [];
}

/** The authenticator compares users without regard to letter case, and files them with regard to it. */
function spellingNote(document: AwsAuthDocument, { arn }: CallerIdentity, givenBy: Entry | undefined): string[] {
  const spelt = entriesOf(document).find((entry) => entry === givenBy)?.arn;
  return spelt !== undefined && spelt !== arn
    ? [`The entry spells the ARN ${JSON.stringify(spelt)}; letter case makes no difference.`]
    : [];
}
