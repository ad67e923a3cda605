import { type AwsAuthDocument, describePosition, type Entry, type KeyProblem, problemsOf } from "../document";
import { AwsAuthError } from "../errors";
import { knownTemplates, unknownTemplates } from "../mapping";
import { describePlaceholder, placeholderInArn } from "../text/text";
import { type CallerIdentity, callerIdentity, entryMismatches } from "./callerIdentity";
import { contentFindings } from "./contentFindings";
import { nearMissOf } from "./nearMiss";
import { ownersOf, type PlacedEntry, placedEntries } from "./placedEntry";
import { candidatesFor, resolveIdentity, userTextOf } from "./resolve";

/** What to know about an identity besides its mapping, one sentence each. */
function notesOn(
  document: AwsAuthDocument,
  identity: CallerIdentity,
  placed: PlacedEntry | undefined,
  user: Explanation["user"],
  shadowed: readonly Entry[],
): string[] {
  const givenBy = placed?.entry;
  const found = placed === undefined ? [] : contentFindings(document, placed);
  return [
    ...pathNote(identity),
    ...entryMismatches(identity.arn).map(({ reason }) => `Nobody has this ARN: ${reason}.`),
    ...found.map(({ reason }) => sentence(reason)),
    ...(givenBy === undefined ? [] : [...contentNotes(givenBy, identity, user), ...ssoNote(document, identity)]),
    ...spellingNote(identity, givenBy),
    ...accountNote(identity, shadowed),
  ];
}

function pathNote({ strippedPath, arn }: CallerIdentity): string[] {
  return strippedPath === undefined
    ? []
    : [
        `The role's path "${strippedPath}" is ignored, since AWS omits it from the role's sessions: entries are compared with ${arn}.`,
      ];
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${reason.endsWith("?") ? "" : "."}`;
}

function contentNotes(entry: Entry, { sessionName }: CallerIdentity, user: Explanation["user"]): string[] {
  if (entry.key === "mapAccounts") {
    return ["An entry of mapAccounts gives each identity of the account its own ARN as username, and no groups."];
  }
  if (user === undefined) {
    return sessionName === undefined ? [] : [refusedSession(sessionName)];
  }
  const texts = [user.username, ...user.groups];
  const known = knownTemplates.filter((template) => texts.some((text) => text.includes(template)));
  const unknown = texts.flatMap((text) => unknownTemplates(text).map((template) => template.text));
  const isNode = known.includes("{{EC2PrivateDNSName}}") && sessionName === undefined;
  return [
    ...(known.length > 0 ? [`${known.join(", ")} ${known.length === 1 ? "is" : "are"} expanded at each login.`] : []),
    ...(isNode
      ? ["A login whose session is not named like an EC2 instance is refused, since it has no {{EC2PrivateDNSName}}."]
      : []),
    ...unknown.map((text) => `${text} is not a template of the authenticator, and stays as it is.`),
    ...(entry.username === "" ? ["The username is empty: the entry has none, or one that is not a string."] : []),
  ];
}

/** Why a node's entry refuses a session. */
export function refusedSession(sessionName: string): string {
  return `The session ${JSON.stringify(sessionName)} is refused: ${noInstance}.`;
}

/** What is wrong with a session that a node's entry refuses. */
export const noInstance = "it is not named like an EC2 instance, and so has no {{EC2PrivateDNSName}}";

/** Entries for permission sets count only with a feature gate, and a client cannot find out whether it is enabled. */
function ssoNote(document: AwsAuthDocument, identity: CallerIdentity): string[] {
  const without = candidatesFor(document, identity);
  const withSso = new Set(candidatesFor(document, identity, true));
  if (without.length === withSso.size && without.every((entry) => withSso.has(entry))) {
    return [];
  }
  const [other] = without;
  const otherwise =
    other === undefined
      ? "nobody"
      : `what the entry without sso says (username ${JSON.stringify(userTextOf(other, identity)?.username)})`;
  return [
    `Entries with sso count only if the authenticator's feature gate SSORoleMatch is on, which it is not by default; without it this identity is ${otherwise}.`,
  ];
}

function accountNote({ account }: CallerIdentity, shadowed: readonly Entry[]): string[] {
  return shadowed.some(({ key }) => key === "mapAccounts")
    ? [`Without that entry, mapAccounts would still let it in: account ${account} is listed there.`]
    : [];
}

/** The authenticator ignores letter case when it compares users, but not when it stores them. */
function spellingNote({ arn }: CallerIdentity, { arn: spelt }: Partial<Entry> = {}): string[] {
  return spelt !== undefined && spelt !== arn
    ? [`The entry spells the ARN ${JSON.stringify(spelt)}; letter case makes no difference.`]
    : [];
}

/** An entry with its position and its owners. */
export interface ExplainedEntry extends PlacedEntry {
  /** The labels of the claims on the entry, each a stack and a resource name; empty if nobody claims it. */
  readonly owners: readonly string[];
}

/** The Kubernetes user that an identity becomes in a cluster, and why. */
export interface Explanation {
  /** The ARN that was asked about. */
  readonly arn: string;
  /** The identity as the authenticator sees it. */
  readonly identity: CallerIdentity;
  /** The Kubernetes user; templates are filled in as far as the ARN tells with what. Undefined if the cluster rejects the identity. */
  readonly user: { readonly username: string; readonly groups: readonly string[] } | undefined;
  /** The entry that maps it, or that makes the authenticator reject its logins. */
  readonly givenBy: ExplainedEntry | undefined;
  /** Other entries that the authenticator may pick, at random, instead of `givenBy`. */
  readonly alternatives: readonly ExplainedEntry[];
  /** Entries that also match but never count. */
  readonly shadowed: readonly ExplainedEntry[];
  /** Entries that seem to match, and why they do not: a clause about "it", the entry, with the remedy. */
  readonly nearMisses: readonly { readonly placed: ExplainedEntry; readonly reason: string }[];
  /** Keys that the authenticator drops entirely, with all of their entries, and descriptions of where the problems are. */
  readonly droppedKeys: readonly (KeyProblem & { readonly place: string })[];
  /** Further remarks, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * The identity of an ARN that somebody gives.
 *
 * @param arn the ARN of a role or user, or of a session, in any letter case.
 * @throws AwsAuthError `invalidInput` if `arn` is not an identity.
 */
export function callerIn(arn: string): CallerIdentity {
  const placeholder = placeholderInArn(arn);
  if (placeholder !== undefined) {
    throw new AwsAuthError("invalidInput", describePlaceholder(`arn ${JSON.stringify(arn)}`, placeholder));
  }
  const identity = callerIdentity(arn);
  if (identity === undefined) {
    const problem = `arn ${JSON.stringify(arn)} is not an IAM identity; give the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`;
    throw new AwsAuthError("invalidInput", problem);
  }
  return identity;
}

/**
 * Explains which Kubernetes user an identity becomes.
 *
 * @param arn the ARN of a role or user, or of a session, in any letter case.
 * @throws AwsAuthError `invalidInput` if `arn` is not an identity.
 */
export function explainIdentity(document: AwsAuthDocument, arn: string): Explanation {
  const identity = callerIn(arn);
  // The authenticator compares any ARN, but no caller can have this one.
  const isAnybody = entryMismatches(identity.arn).length === 0;
  const { candidates, shadowed } = isAnybody
    ? resolveIdentity(document, identity, true)
    : { candidates: [], shadowed: [] };
  const all = placedEntries(document).map(
    (placed): ExplainedEntry => ({ ...placed, owners: ownersOf(document, placed.entry) }),
  );
  const placed = (entries: readonly Entry[]) => {
    const wanted = new Set(entries);
    return all.filter(({ entry }) => wanted.has(entry));
  };
  const [givenBy, ...alternatives] = placed(candidates);
  const met = new Set([...candidates, ...shadowed]);
  const nearMisses = all.flatMap((candidate) => {
    const reason = met.has(candidate.entry) ? undefined : nearMissOf(candidate, identity);
    return reason === undefined ? [] : [{ placed: candidate, reason }];
  });
  const user = givenBy && userTextOf(givenBy.entry, identity);
  return {
    arn,
    identity,
    user,
    givenBy,
    alternatives,
    // An account's entry still counts for other identities of the account; a note says what it would do here.
    shadowed: placed(shadowed.filter(({ key }) => key !== "mapAccounts")),
    nearMisses,
    droppedKeys: problemsOf(document).map((problem) => ({
      ...problem,
      place: describePosition(document.origin, problem.key, problem),
    })),
    notes: notesOn(document, identity, givenBy, user, shadowed),
  };
}
