import { type AccessEntryContent, usernameOf } from "../../../provider/accessEntries/index.ts";
import { type AwsAuthMap, dataKeys, entriesOf, renderKey } from "../../../provider/awsAuthMap/index.ts";
import { impliedGroups, type Login, type Name } from "../../../provider/identity/login.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import type { MigrationFacts, PlacedMove } from "../../../provider/migration/moves.ts";
import { type DynamicFile, dynamicFile } from "../../support/authenticator/dynamicFile.ts";
import type { MapData } from "../../support/authenticator/maps.ts";
import { clusterAccount, principals, type WorldPrincipal } from "../../support/authenticator/moveMaps.ts";
import type { LoginAnswer, LoginIdentity } from "../../support/authenticator/oracle.ts";

/** Of a person, of an instance, one that is a reserved word, and one of odd characters. */
const sessions = ["jane@example.com", "i-0123456789abcdef0", "system", "a.b_c+=,-x"];

/** A login of a role's session or a user. */
export interface Visit extends LoginIdentity {
  readonly principal: WorldPrincipal;
  /** The username of an access entry that gives none. */
  readonly given: string;
}

/** Logins of all principals. */
export const visits: readonly Visit[] = principals.flatMap((principal): Visit[] => {
  const { arn, uniqueId } = principal;
  if (arn.includes(":user/")) {
    return [{ principal, given: arn, arn, userId: uniqueId }];
  }
  const assumed = arn.replace(":iam:", ":sts:").replace(/:role\/(?:.*\/)?/, ":assumed-role/");
  return sessions.map((session) => ({
    principal,
    given: `${assumed}/${session.replaceAll("@", "-")}`,
    arn: `${assumed}/${session}`,
    userId: `${uniqueId}:${session}`,
  }));
});

/** The cluster. */
export const where = { account: clusterAccount, partition: "aws" };

/** What is known of a cluster with a map, before anything moves. */
export function factsOf(document: AwsAuthMap): MigrationFacts {
  const answers = entriesOf(document).flatMap(({ arn }) => {
    // IAM keeps names apart whatever their letter case.
    const found = principals.find((principal) => principalKey(principal.arn) === principalKey(arn ?? ""));
    return arn === undefined ? [] : [[principalKey(arn), found && { arn: found.arn, createdAt: new Date(0) }] as const];
  });
  return {
    cluster: { authenticationMode: "CONFIG_MAP", ...where },
    document,
    entries: new Map(),
    eksRoles: new Set(),
    principals: new Map(answers),
  };
}

/** The access entries as the authenticator has them. */
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

/** An answer whose users are changed. */
export function changed(
  { outcomes, denials }: LoginAnswer,
  change: (username: string, groups: readonly string[]) => readonly [username: string, groups: readonly string[]],
): LoginAnswer {
  const users = outcomes.map((outcome) => change(outcome.username, outcome.groups));
  return { outcomes: users.map(([username, groups]) => ({ username, groups })), denials };
}

/** Who a visitor is whose entry has moved: the same, except for what the notes of the translation report. */
export function expectedOf(mover: Moving | undefined, { given }: Visit, before: LoginAnswer): LoginAnswer {
  if (mover === undefined) {
    return before;
  }
  const { placed, accessEntry } = mover;
  if (accessEntry.type === "STANDARD") {
    return changed(before, (username, groups) => [placed.entry.username === "" ? given : username, groups]);
  }
  // EKS gives all of a type the same groups.
  const ofType = fileOf([accessEntry]).mapRoles[0]?.groups ?? [];
  return changed(before, (username, groups) => [username, [...ofType, ...groups]]);
}

/**
 * EKS itself gives nodes a reserved username, past the rule for all others, which the authenticator at hand has no exception of: it
 * logs whom it denies.
 */
export function asNode(answer: LoginAnswer, { principal }: Visit, { mapRoles }: DynamicFile): LoginAnswer {
  const own = mapRoles.find(
    ({ userid, username }) => userid === principal.uniqueId && username.startsWith("system:node:"),
  );
  const [, username] = /^invalid username '(.*)' for mapper DynamicFile/.exec(answer.denials[0] ?? "") ?? [];
  return own === undefined || username === undefined
    ? answer
    : { outcomes: [{ username, groups: own.groups }], denials: [] };
}

/** Without the name of the backend. */
export function inShort({ outcomes, denials }: LoginAnswer): string {
  const users = outcomes.map(
    ({ username, groups }) => `${username} ${JSON.stringify([...new Set(groups)].toSorted())}`,
  );
  const reasons = denials.map((reason) => reason.replace(/^mapper \w+ /, ""));
  return [...users.toSorted(), ...reasons.toSorted()].join(" or ");
}

/** Whether a login is what this package expects of it. */
export function isForeseen(logins: readonly Login[], { outcomes, denials }: LoginAnswer): boolean {
  const fits = (name: Name, text: string) => (typeof name === "string" ? name === text : name.test(text));
  const isAmong = (names: readonly Name[], texts: readonly string[]) =>
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
