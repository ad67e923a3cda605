import { type AccessEntryContent, usernameOf } from "../../provider/accessEntries/index.ts";
import { type AwsAuthMap, entriesOf, renderKey } from "../../provider/awsAuthMap/index.ts";
import { impliedGroups, type Login, type Name } from "../../provider/identity/login.ts";
import { principalKey } from "../../provider/mapping/index.ts";
import type { MigrationFacts, PlacedMove } from "../../provider/migration/moves.ts";
import { type DynamicFile, dynamicFile } from "../support/authenticator/dynamicFile.ts";
import type { LoginAnswer, LoginVisitor } from "../support/authenticator/logins.ts";
import type { MapData } from "../support/authenticator/maps.ts";
import { clusterAccount, principals, type WorldPrincipal } from "../support/authenticator/moveMaps.ts";
import type { Outcome } from "../support/authenticator/oracle.ts";

/** Of a person, of an instance, one that is a reserved word, and one of odd characters. */
const sessions = ["jane@example.com", "i-0123456789abcdef0", "system", "a.b_c+=,-x"];

/** A login of a role's session or a user. */
export interface Visit extends LoginVisitor {
  readonly principal: WorldPrincipal;
  readonly session: string | undefined;
}

/** Logins of everybody that there is. */
export const visits: readonly Visit[] = principals.flatMap((principal): Visit[] => {
  const { arn, uniqueId } = principal;
  if (arn.includes(":user/")) {
    return [{ principal, session: undefined, arn, userId: uniqueId }];
  }
  const assumed = arn.replace(":iam:", ":sts:").replace(/:role\/(?:.*\/)?/, ":assumed-role/");
  return sessions.map((session) => ({
    principal,
    session,
    arn: `${assumed}/${session}`,
    userId: `${uniqueId}:${session}`,
  }));
});
/** The same, as the authenticator is asked. */
export const visitors = visits.map(({ arn, userId }): LoginVisitor => ({ arn, userId }));

/** Of the cluster. */
export const where = { account: clusterAccount, partition: "aws" };

/** What is known of a cluster with a map, before anything moves. */
export function factsOf(document: AwsAuthMap): MigrationFacts {
  const answers = entriesOf(document).flatMap(({ arn }) =>
    arn === undefined ? [] : [[principalKey(arn), answerOf(arn)] as const],
  );
  return {
    cluster: { authenticationMode: "CONFIG_MAP", account: clusterAccount, partition: "aws" },
    document,
    entries: new Map(),
    eksRoles: new Set(),
    principals: new Map(answers),
  };
}

/** IAM keeps names apart whatever their letter case. */
function answerOf(arn: string) {
  const found = principals.find((principal) => principalKey(principal.arn) === principalKey(arn));
  return found && { arn: found.arn, createdAt: new Date(0) };
}

/** The access entries as the authenticator has them. */
export function fileOf(contents: readonly AccessEntryContent[]): DynamicFile {
  return dynamicFile(
    contents.map((content) => ({
      principalArn: content.principalArn,
      uniqueId:
        principals.find(({ arn }) => arn.toLowerCase() === content.principalArn.toLowerCase())?.uniqueId ?? "none",
      type: content.type,
      username: usernameOf(content),
      kubernetesGroups: content.groups,
      policies: content.policies.map(({ policyArn }) => policyArn),
    })),
  );
}

/** A ConfigMap's data. */
export function dataOf(document: AwsAuthMap): MapData {
  return {
    mapRoles: renderKey(document, "mapRoles"),
    mapUsers: renderKey(document, "mapUsers"),
    mapAccounts: renderKey(document, "mapAccounts"),
  };
}

/** An entry of a map that becomes an access entry. */
export type Moving = PlacedMove & { readonly accessEntry: AccessEntryContent };

export function isMoving(move: PlacedMove): move is Moving {
  return move.outcome === "moves";
}

/** Who somebody is whose entry has moved: the same, but for what the notes of the translation tell. */
export function expectedOf(mover: Moving | undefined, { principal, session }: Visit, before: LoginAnswer): LoginAnswer {
  if (mover === undefined) {
    return before;
  }
  const { placed, accessEntry: content } = mover;
  const { outcomes, denials } = before;
  if (content.type !== "STANDARD") {
    // EKS gives all of a type the same groups.
    const given = fileOf([content]).mapRoles[0]?.groups ?? [];
    return {
      outcomes: outcomes.map(({ username, groups }) => ({ username, groups: [...given, ...groups] })),
      denials,
    };
  }
  const [, , , , account] = principal.arn.split(":");
  const name = principal.arn.replace(/.*\//, "");
  const given =
    session === undefined
      ? principal.arn
      : `arn:aws:sts::${account}:assumed-role/${name}/${session.replaceAll("@", "-")}`;
  return {
    outcomes: outcomes.map(({ username, groups }) => ({
      username: placed.entry.username === "" ? given : username,
      groups,
    })),
    denials,
  };
}

/**
 * EKS itself gives nodes a reserved username, past the rule for everybody else, which the authenticator at hand has no exception of: it
 * says whom it denies.
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

/** An answer that is missing. */
export const none: LoginAnswer = { outcomes: [], denials: [] };
const sorted = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ username, groups }) => `${username} ${JSON.stringify([...new Set(groups)].toSorted())}`).toSorted();
/** Without the name of the backend. */
export function inShort({ outcomes, denials }: LoginAnswer): string {
  const reasons = denials.map((reason) => reason.replace(/^mapper \w+ /, ""));
  return [...sorted(outcomes), ...reasons.toSorted()].join(" or ");
}

/** Whether a login is what this package expects of it. */
export function isForeseen(logins: readonly Login[], { outcomes, denials }: LoginAnswer): boolean {
  const fits = (name: Name, text: string) => (typeof name === "string" ? name === text : name.test(text));
  const isAmong = (names: readonly Name[], texts: readonly string[]) =>
    texts.every((text) => names.some((name) => fits(name, text))) &&
    names.every((name) => texts.some((text) => fits(name, text)));
  return (
    outcomes.every(({ username, groups }) =>
      logins.some(
        ({ user, accessEntry }) =>
          user !== undefined &&
          fits(user.username, username) &&
          isAmong([...user.groups, ...impliedGroups(accessEntry)], groups),
      ),
    ) &&
    (denials.length === 0 || logins.some(({ user }) => user === undefined))
  );
}
