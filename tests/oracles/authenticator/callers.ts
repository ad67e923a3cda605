import { type AccessEntryContent, usernameOf } from "../../../provider/accessEntries/accessEntry.ts";
import { type AwsAuthMap, dataKeys, entriesOf, renderKey } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { impliedGroups, type Login, type LoginName } from "../../../provider/identity/login.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import type { MigrationFacts, PlacedMove } from "../../../provider/reports/moves.ts";
import { missing } from "../../support/accessEntries.ts";
import { type DynamicFile, dynamicFile } from "../../support/authenticator/dynamicFile.ts";
import type { MapData } from "../../support/authenticator/maps.ts";
import { clusterAccount, principals, type WorldPrincipal } from "../../support/authenticator/moveMaps.ts";
import type { LoginAnswer, LoginIdentity } from "../../support/authenticator/oracle.ts";

/** Session names: of a person, of an instance, a reserved word, and one with special characters. */
const sessions = ["jane@example.com", "i-0123456789abcdef0", "system", "a.b_c+=,-x"];

/** A session of a role, or a user, that logs in. */
export interface Caller extends LoginIdentity {
  readonly principal: WorldPrincipal;
  /** The username that EKS sets if the access entry has none. */
  readonly defaultUsername: string;
}

/** Sessions and users of all principals. */
export const callers: readonly Caller[] = principals.flatMap((principal): Caller[] => {
  const { arn, uniqueId } = principal;
  if (arn.includes(":user/")) {
    return [{ principal, defaultUsername: arn, arn, userId: uniqueId }];
  }
  const assumed = arn.replace(":iam:", ":sts:").replace(/:role\/(?:.*\/)?/, ":assumed-role/");
  return sessions.map((session) => ({
    principal,
    defaultUsername: `${assumed}/${session.replaceAll("@", "-")}`,
    arn: `${assumed}/${session}`,
    userId: `${uniqueId}:${session}`,
  }));
});

/** The cluster. */
export const cluster = { account: clusterAccount, partition: "aws" };

/** The facts about a cluster with this map before the move. */
export function factsOf(document: AwsAuthMap): MigrationFacts {
  const answers = entriesOf(document).flatMap(({ arn }) => {
    // IAM names are unique regardless of letter case.
    const found = principals.find((principal) => principalKey(principal.arn) === principalKey(arn ?? ""));
    const principal = found === undefined ? missing : { arn: found.arn, createdAt: new Date(0) };
    return arn === undefined ? [] : [[principalKey(arn), principal] as const];
  });
  return {
    cluster: { authenticationMode: "CONFIG_MAP", ...cluster },
    access: clusterAccess(document),
    eksRoles: new Set(),
    principals: new Map(answers),
  };
}

/** The access entries as a DynamicFile of the authenticator. */
export function fileOf(contents: readonly AccessEntryContent[]): DynamicFile {
  const entries = contents.map((content) => ({
    principalArn: content.principalArn,
    uniqueId:
      principals.find(({ arn }) => arn.toLowerCase() === content.principalArn.toLowerCase())?.uniqueId ?? "none",
    type: content.type,
    username: usernameOf(content),
    kubernetesGroups: content.groups,
    policies: content.policies.map(({ policyArn }) => policyArn),
  }));
  return dynamicFile(entries);
}

/** A ConfigMap's data. */
export function dataOf(document: AwsAuthMap): MapData {
  return Object.fromEntries(dataKeys.map((key) => [key, renderKey(document, key)]));
}

/** An entry of a map that becomes an access entry. */
export type Moving = PlacedMove & { readonly accessEntry: AccessEntryContent };

export function isMoving(move: PlacedMove): move is Moving {
  return move.outcome === "moves";
}

/** An answer with each outcome changed. */
export function mapOutcomes(
  { outcomes, denials }: LoginAnswer,
  change: (username: string, groups: readonly string[]) => readonly [username: string, groups: readonly string[]],
): LoginAnswer {
  const users = outcomes.map((outcome) => change(outcome.username, outcome.groups));
  return { outcomes: users.map(([username, groups]) => ({ username, groups })), denials };
}

/** The expected answer after the move: unchanged, except for what the translation's notes report. */
export function expectedOf(move: Moving | undefined, { defaultUsername }: Caller, before: LoginAnswer): LoginAnswer {
  if (move === undefined) {
    return before;
  }
  const { placed, accessEntry } = move;
  if (accessEntry.type === "STANDARD") {
    return mapOutcomes(before, (username, groups) => [
      placed.entry.username === "" ? defaultUsername : username,
      groups,
    ]);
  }
  // EKS sets the groups of an access entry by its type.
  const ofType = fileOf([accessEntry]).mapRoles[0]?.groups ?? [];
  return mapOutcomes(before, (username, groups) => [username, [...ofType, ...groups]]);
}

/**
 * EKS allows reserved usernames for nodes. The tested authenticator denies them and logs the username, from which the outcome is
 * reconstructed.
 */
export function asNode(answer: LoginAnswer, { principal }: Caller, { mapRoles }: DynamicFile): LoginAnswer {
  const own = mapRoles.find(
    ({ userid, username }) => userid === principal.uniqueId && username.startsWith("system:node:"),
  );
  const [, username] = /^invalid username '(.*)' for mapper DynamicFile/.exec(answer.denials[0] ?? "") ?? [];
  return own === undefined || username === undefined
    ? answer
    : { outcomes: [{ username, groups: own.groups }], denials: [] };
}

/** A summary for comparison, without the name of the backend. */
export function summaryOf({ outcomes, denials }: LoginAnswer): string {
  const users = outcomes.map(
    ({ username, groups }) => `${username} ${JSON.stringify([...new Set(groups)].toSorted())}`,
  );
  const reasons = denials.map((reason) => reason.replace(/^mapper \w+ /, ""));
  return [...users.toSorted(), ...reasons.toSorted()].join(" or ");
}

/** Whether an answer is among the logins that this package predicts. */
export function isPredicted(logins: readonly Login[], { outcomes, denials }: LoginAnswer): boolean {
  const fits = (name: LoginName, text: string) => (typeof name === "string" ? name === text : name.test(text));
  const isAmong = (names: readonly LoginName[], texts: readonly string[]) =>
    texts.every((text) => names.some((name) => fits(name, text))) &&
    names.every((name) => texts.some((text) => fits(name, text)));
  const isUser = ({ user, accessEntry }: Login, { username, groups }: LoginAnswer["outcomes"][number]) =>
    user !== undefined &&
    fits(user.username, username) &&
    isAmong([...user.groups, ...impliedGroups(accessEntry)], groups);
  return (
    outcomes.every((outcome) => logins.some((login) => isUser(login, outcome))) &&
    (denials.length === 0 || logins.some(({ user }) => user === undefined))
  );
}
