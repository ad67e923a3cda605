import { type AwsAuthMap, entriesOf, isEffective } from "../../provider/awsAuthMap/index.ts";
import { foldCase } from "../../provider/identity/identity.ts";
import { damage, type EditKind } from "../support/authenticator/foreignBytes.ts";
import { naming, reportedBy } from "../support/authenticator/identities.ts";
import { entriesIn } from "../support/authenticator/listText.ts";
import type { MapData } from "../support/authenticator/maps.ts";
import type { Answer, IdentityAnswer, Outcome } from "../support/authenticator/oracle.ts";
import type { MappingArgs, Subject } from "../support/authenticator/simulatedProgram.ts";
import { isInMixedEntry } from "./agreement.ts";

/** A map at one moment, and what the authenticator makes of it. */
export interface Moment {
  readonly data: MapData;
  readonly document: AwsAuthMap;
  /** The identities that the authenticator was asked about. */
  readonly asked: readonly string[];
  readonly answer: Answer;
  /** What the resources of the program are to say. */
  readonly wanted: readonly MappingArgs[];
}

/** What is wrong with an edit that changed the map, one sentence each. */
export function verdict(kind: EditKind, subject: Subject, before: Moment, after: Moment): string[] {
  return [
    ...damages(kind, subject, before.data, after.data),
    ...strangersChanged(subject, before, after),
    ...after.wanted.flatMap((wanted) => misunderstanding(wanted, after)),
    ...(kind === "remove" ? leftBehind(subject, before.data, after) : []),
    ...(kind === "adopt" ? rivalsOf(subject, after) : []),
  ];
}

/** Whether two mappings are for one principal. */
export function isSame(a: Subject, b: Subject): boolean {
  return foldCase(reportedBy(a)) === foldCase(reportedBy(b));
}

function damages(kind: EditKind, subject: Subject, before: MapData, after: MapData): string[] {
  const names = naming(subject);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const [then = "", now = ""] = [before[key], after[key]];
    const isNew = kind === "adopt" && countNamed(then, names) === 0;
    const found = damage(isNew ? "append" : kind, then, now, names);
    return found === undefined ? [] : [`${key}: ${found}:\n${then}\n=====\n${now}`];
  });
}

/** Whoever is not the subject of an edit is to the authenticator who he was. */
function strangersChanged(subject: Subject, before: Moment, after: Moment): string[] {
  const own = answerAbout(subject, after)?.canonical.toLowerCase();
  return after.answer.identities.flatMap((now, index) => {
    const isOwn = subject.account === undefined && now.canonical.toLowerCase() === own;
    if (isOwn) {
      return [];
    }
    // An account's entry applies only to identities that no other entry names.
    const isOfAccount = subject.account !== undefined && now.canonical.split(":")[4] === subject.account;
    const counted = (one: IdentityAnswer | undefined) =>
      JSON.stringify(one?.outcomes.filter((outcome) => !isOfAccount || !isFallback(one, outcome)));
    const [was, is] = [counted(before.answer.identities[index]), counted(now)];
    return was === is ? [] : [`${after.asked[index]} was ${was}, and is ${is}`];
  });
}

/** A resource's entry means to the authenticator what the resource says. */
function misunderstanding(wanted: MappingArgs, moment: Moment): string[] {
  const said = answerAbout(wanted, moment);
  if (said === undefined) {
    return [`nobody asked about ${JSON.stringify(wanted)}`];
  }
  if (isInMixedEntry(moment.document, said.canonical)) {
    return [];
  }
  const { username = "", groups = [], account } = wanted;
  const meant = account === undefined ? { username, groups } : { username: said.canonical, groups: [] };
  const isMeant = said.outcomes.length === 1 && said.outcomes.every((outcome) => isEqual(outcome, meant));
  return isMeant ? [] : [`${JSON.stringify(wanted)} means ${JSON.stringify(said.outcomes)}`];
}

/** The authenticator does not know a removed identity, unless another entry maps it. */
function leftBehind(subject: Subject, before: MapData, after: Moment): string[] {
  const names = naming(subject);
  const entries = Object.values(before).reduce((sum, text) => sum + countNamed(text, names), 0);
  const said = answerAbout(subject, after);
  if (entries > 1 || said === undefined || isInMixedEntry(after.document, said.canonical)) {
    return [];
  }
  const isGone = said.outcomes.every((outcome) => subject.account === undefined && isFallback(said, outcome));
  return isGone ? [] : [`${said.canonical} is still ${JSON.stringify(said.outcomes)}`];
}

/** Who adopts has the only entry of the principal with an effect; a permission set's, with `sso`, is of somebody else. */
function rivalsOf(subject: Subject, { document }: Moment): string[] {
  const entries = entriesOf(document).filter((entry) => {
    const { arn, account, sso } = entry;
    // The authenticator never matches the ARN of a session.
    if (
      !isEffective(entry) ||
      arn?.includes(":assumed-role/") ||
      sso !== undefined ||
      (arn === undefined && account === undefined)
    ) {
      return false;
    }
    return isSame(arn === undefined ? { account: account ?? "" } : { arn }, subject);
  });
  return entries.length === 1 ? [] : [`${entries.length} entries are left for ${reportedBy(subject)}`];
}

function answerAbout(subject: Subject, { asked, answer }: Moment): IdentityAnswer | undefined {
  const reported = foldCase(reportedBy(subject));
  return answer.identities[asked.findIndex((arn) => foldCase(arn) === reported)];
}

function countNamed(text: string, names: RegExp): number {
  return entriesIn(text).filter(({ start, end }) => names.test(text.slice(start, end))).length;
}

/** Whether it is what the entry of an account gives. */
function isFallback({ canonical }: IdentityAnswer, { username, groups }: Outcome): boolean {
  return username === canonical && groups.length === 0;
}

function isEqual(a: Outcome, b: Outcome): boolean {
  return a.username === b.username && a.groups.toSorted().join("\0") === b.groups.toSorted().join("\0");
}
