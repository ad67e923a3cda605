import { type CallerIdentity, type Login, loginsOf, matchableIdentity } from "../authenticator";
import { type AwsAuthDocument, type Entry, entriesOf } from "../document";
import { anybodyOf } from "./whoCan";

/** Somebody whom a map may let in: one IAM identity, or all of an account that have no entry of their own. */
export type Member =
  | { readonly kind: "identity"; readonly identity: CallerIdentity }
  | { readonly kind: "account"; readonly account: string };

/** Whom somebody becomes in two versions of a map. */
export interface MemberChange {
  readonly member: Member;
  /** What the logins come out as; several where which entry counts is random. */
  readonly before: readonly Login[];
  readonly after: readonly Login[];
}

/** What one version of a map gives that the other does not. */
export interface MapChange {
  /** In the order of the map before, then of the map after. */
  readonly changes: readonly MemberChange[];
  /** How many others either version lets in. */
  readonly others: number;
}

/**
 * Compares whom everybody becomes in two versions of a map, shadowing included. An entry of another spelling, or another owner, is no
 * change.
 */
export function compareMaps(before: AwsAuthDocument, after: AwsAuthDocument): MapChange {
  const [old, young] = [membersOf(before), membersOf(after)];
  const names = [...new Set([...old.keys(), ...young.keys()])];
  const changes = names.flatMap((name): MemberChange[] => {
    const [was, is] = [old.get(name), young.get(name)];
    const { member } = was ?? is ?? {};
    // To resolve an identity takes the whole map, and most entries stay as they are.
    if (member === undefined || JSON.stringify(was?.entries) === JSON.stringify(is?.entries)) {
      return [];
    }
    const change = { member, before: loginsIn(before, member), after: loginsIn(after, member) };
    return usersIn(change.before) === usersIn(change.after) ? [] : [change];
  });
  return { changes, others: names.length - changes.length };
}

interface Named {
  readonly member: Member;
  readonly entries: Entry[];
}

/** Everybody whom a map names, by a name that is the same in every spelling; nobody where no caller ever has the ARN. */
function membersOf(document: AwsAuthDocument): ReadonlyMap<string, Named> {
  const members = new Map<string, Named>();
  for (const entry of entriesOf(document)) {
    const member = memberOf(entry);
    if (member !== undefined) {
      const name = member.kind === "account" ? member.account : member.identity.arn.toLowerCase();
      const known = members.get(name) ?? { member, entries: [] };
      known.entries.push(entry);
      members.set(name, known);
    }
  }
  return members;
}

function memberOf({ arn, account }: Entry): Member | undefined {
  if (account !== undefined) {
    return { kind: "account", account };
  }
  const identity = arn === undefined ? undefined : matchableIdentity(arn);
  return identity && { kind: "identity", identity };
}

function loginsIn(document: AwsAuthDocument, member: Member): readonly Login[] {
  if (member.kind === "identity") {
    return loginsOf(document, member.identity);
  }
  const entry = entriesOf(document).find(({ account }) => account === member.account);
  return [entry === undefined ? { entry, user: undefined } : anybodyOf(entry)];
}

/** The users of logins, so that they can be compared: groups are a set. */
function usersIn(logins: readonly Login[]): string {
  const users = logins.map(({ user }) => user && [String(user.username), ...user.groups.map(String).sort()]);
  return JSON.stringify([...new Set(users.map((user) => JSON.stringify(user)))].sort());
}
