import {
  type AwsAuthDocument,
  describePosition,
  droppedBecause,
  type Entry,
  entriesOf,
  type KeyProblem,
  problemsOf,
} from "../document";
import { AwsAuthError } from "../errors";
import { type ArnProblem, type IamArn, knownTemplates, parseIamArn, principalKey, unknownTemplates } from "../mapping";
import { describePlaceholder, placeholderInArn } from "../placeholder";
import { type CallerIdentity, callerIdentity } from "./callerIdentity";
import { ownersOf, type PlacedEntry, placedEntries } from "./placedEntry";
import { foldCase, resolveIdentity, ssoRolePrefix } from "./resolve";

/**
 * Why an entry that looks as if it were for an identity is not; undefined for one that has nothing to do with it.
 *
 * @param placed an entry that the identity does not meet.
 */
function nearMissOf(placed: PlacedEntry, identity: CallerIdentity): string | undefined {
  const { entry } = placed;
  if (entry.key === "mapAccounts") {
    return undefined;
  }
  const dropped = droppedBecause(entry);
  if (dropped !== undefined && mentions(placed, identity)) {
    return `it names this identity, but the authenticator drops it: ${dropped}`;
  }
  if (entry.sso !== undefined) {
    return entry.arn === undefined ? ssoMiss(entry, identity) : undefined;
  }
  return entry.arn === undefined ? undefined : arnMiss(entry.arn, identity);
}

function ssoMiss({ sso }: Entry, identity: CallerIdentity): string | undefined {
  if (sso === undefined || !foldCase(identity.arn).startsWith(ssoRolePrefix(sso))) {
    return undefined;
  }
  return sso.partition === ""
    ? undefined
    : `it names this permission set, but an sso entry with a partition fits nobody; remove partition from it`;
}

function arnMiss(text: string, identity: CallerIdentity): string | undefined {
  const subject = foldCase(identity.arn);
  const arn = parseIamArn(text);
  if (arn.kind === "invalid") {
    return invalidArnMiss(text, arn, subject);
  }
  if (foldCase(principalKey(text)) === subject && arn.path !== "") {
    return `its ARN has the role's path "${arn.path}", which AWS leaves out of sessions, so it never matches; write ${quote(identity.arn)}`;
  }
  return sameNameMiss(arn, identity) ?? permissionSetMiss(arn, identity);
}

function invalidArnMiss(text: string, problem: ArnProblem, subject: string): string | undefined {
  const meant = problem.suggestion !== undefined && foldCase(principalKey(problem.suggestion)) === subject;
  if (meant) {
    return `it never matches: ${problem.reason}`;
  }
  if (problem.code !== "wildcard") {
    return undefined;
  }
  const pattern = foldCase(text)
    .split("*")
    .map((part) => part.replace(/[\\^$.|+()[\]{}?]/g, String.raw`\$&`).replaceAll(String.raw`\?`, "."))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(subject) ? `it never matches: ${problem.reason}` : undefined;
}

/** An entry for somebody of the same name. */
function sameNameMiss(arn: IamArn, identity: CallerIdentity): string | undefined {
  if (foldCase(arn.name) !== foldCase(identity.name) || (identity.kind !== "role" && identity.kind !== "user")) {
    return undefined;
  }
  if (arn.account !== identity.account) {
    return `it names ${arn.kind} "${arn.name}" of another account, ${arn.account}`;
  }
  if (arn.partition !== identity.partition) {
    return `it names another partition, "${arn.partition}"`;
  }
  if (arn.kind !== identity.kind) {
    return `it names the ${arn.kind} "${arn.name}", and this identity is a ${identity.kind}`;
  }
  return `its ARN has ${arn.path === "" ? "no path" : `the path "${arn.path}"`}, and AWS reports a user with the path it has: ${quote(identity.arn)}`;
}

/** An entry for a role of the same permission set that IAM Identity Center made at another time. */
function permissionSetMiss(arn: IamArn, identity: CallerIdentity): string | undefined {
  const own = permissionSetOf(identity.name);
  const other = permissionSetOf(arn.name);
  const isSame = own !== undefined && own === other && arn.kind === "role" && arn.account === identity.account;
  return isSame
    ? `it names a role of the same permission set with another suffix, "${arn.name}", which is probably stale: IAM Identity Center makes a new role each time the set is assigned anew; write ${quote(identity.arn)}`
    : undefined;
}

/** The permission set that a role of IAM Identity Center belongs to, in lower case. */
export function permissionSetOf(roleName: string): string | undefined {
  return /^awsreservedsso_(.+)_[0-9a-z]+$/.exec(roleName.toLowerCase())?.[1];
}

/** Whether any text in an entry is the identity's ARN, under whatever field it stands. */
function mentions({ value }: PlacedEntry, identity: CallerIdentity): boolean {
  if (!(value instanceof Map)) {
    return false;
  }
  const texts = [...value.values()].filter((field) => typeof field === "string");
  return texts.some((text) => foldCase(principalKey(text.trim())) === foldCase(identity.arn));
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** What to know about an identity besides its mapping, one sentence each. */
function notesOn(
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
    if (withSso.candidates.length === 1) {
      return [];
    }
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

/** An entry, its place, and who wants it. */
export interface ExplainedEntry extends PlacedEntry {
  /** The labels of the claims on the entry, each a stack and a resource's name; none where nobody claims it. */
  readonly owners: readonly string[];
}

/** An entry that looks right for an identity, and why it does not count. */
export interface NearMiss {
  readonly placed: ExplainedEntry;
  /** A clause about "it", the entry, with the remedy. */
  readonly reason: string;
}

/** A key that the authenticator drops, with the place of the problem in words. */
interface DroppedKey extends KeyProblem {
  readonly place: string;
}

/** Who a cluster takes an identity for, and why. */
export interface Explanation {
  /** The ARN that was asked about. */
  readonly arn: string;
  /** The identity as the authenticator sees it. */
  readonly identity: CallerIdentity;
  /** The Kubernetes user; undefined when the cluster refuses the identity. Templates are not filled in. */
  readonly user: { readonly username: string; readonly groups: readonly string[] } | undefined;
  /** The entry that gives it. */
  readonly givenBy: ExplainedEntry | undefined;
  /** Entries that count in place of `givenBy`, at random. */
  readonly alternatives: readonly ExplainedEntry[];
  /** Entries that fit as well, and never count. */
  readonly shadowed: readonly ExplainedEntry[];
  /** Entries that look right and do not fit. */
  readonly nearMisses: readonly NearMiss[];
  /** Keys that the authenticator drops as a whole, so that none of their entries count. */
  readonly droppedKeys: readonly DroppedKey[];
  /** What else to know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Explains who the cluster takes an identity for.
 *
 * @param arn the ARN of a role or user, or of a session, in any letter case.
 * @throws AwsAuthError `invalidInput` for what is no identity.
 */
export function explainIdentity(document: AwsAuthDocument, arn: string): Explanation {
  const placeholder = placeholderInArn(arn);
  if (placeholder !== undefined) {
    throw new AwsAuthError("invalidInput", describePlaceholder(`arn ${JSON.stringify(arn)}`, placeholder));
  }
  const identity = callerIdentity(arn);
  if (identity === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      `arn ${JSON.stringify(arn)} is no identity that a cluster could meet; give the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`,
    );
  }
  const { candidates, shadowed } = resolveIdentity(document, identity, { ssoRoleMatch: true });
  const all = placedEntries(document).map(
    (placed): ExplainedEntry => ({ ...placed, owners: ownersOf(document, placed.entry) }),
  );
  const placed = (entries: readonly Entry[]) => all.filter(({ entry }) => entries.includes(entry));
  const [givenBy, ...alternatives] = placed(candidates);
  const met = [...candidates, ...shadowed];
  const nearMisses = all.flatMap((candidate) => {
    const reason = met.includes(candidate.entry) ? undefined : nearMissOf(candidate, identity);
    return reason === undefined ? [] : [{ placed: candidate, reason }];
  });
  return {
    arn,
    identity,
    user: givenBy && userFrom(givenBy.entry, identity),
    givenBy,
    alternatives,
    // An account's entry goes on counting for the others of the account; a note tells what it would do here.
    shadowed: placed(shadowed.filter(({ key }) => key !== "mapAccounts")),
    nearMisses,
    droppedKeys: problemsOf(document).map((problem) => ({
      ...problem,
      place: describePosition(document.origin, problem.key, problem),
    })),
    notes: notesOn(document, identity, givenBy?.entry, shadowed),
  };
}

function userFrom(entry: Entry, identity: CallerIdentity): NonNullable<Explanation["user"]> {
  if (entry.key === "mapAccounts") {
    return { username: identity.arn, groups: [] };
  }
  return { username: entry.username, groups: entry.groups };
}
