import { type Edit, existingArns, type MappingArgs } from "../../support/authenticator/edits.ts";
import { type EditKind, itemsIn, unwantedChange } from "../../support/authenticator/foreignBytes.ts";
import type { MapData } from "../../support/authenticator/maps.ts";
import type { IdentityAnswer, Oracle, Outcome } from "../../support/authenticator/oracle.ts";
import { type Program, Stack } from "../../support/lifecycle/stack.ts";
import { World } from "../../support/lifecycle/world.ts";

/** What became of the edits. */
export interface EditTally {
  /** Edits that changed the map. */
  edits: number;
  /** Those of them that took entries over which were there before. */
  adoptions: number;
  /** Edits that found the map as they would have it. */
  idle: number;
  /** Maps that removing everything again gave back byte for byte. */
  restored: number;
  /** Refusals, by their kind. */
  readonly refusals: Record<string, number>;
}

type Mappings = Readonly<Record<string, MappingArgs>>;
type Subject = Pick<MappingArgs, "arn" | "account">;

/** A map at one moment, and what the authenticator makes of each identity. */
interface Moment {
  readonly data: MapData;
  readonly answers: ReadonlyMap<string, IdentityAnswer>;
}

const kindsOfRefusal: readonly (readonly [RegExp, kind: string])[] = [
  [/ cannot be read; line /, "unreadable"],
  [/ which would be lost if it were replaced; /, "unsupported"],
  [/ is already mapped | of which only the last one counts /, "duplicate"],
];

/** One row of edits of a program on one map, each of them judged by the authenticator and by the bytes. */
export class Editing {
  readonly #world = Object.assign(new World(), { mode: "CONFIG_MAP" });
  readonly #stack = new Stack(this.#world);
  readonly #oracle: Oracle;
  readonly #tally: EditTally;
  readonly #original: MapData;
  /** All identities that the map or an edit names. */
  readonly #asked: readonly string[];
  #mappings: Mappings = {};
  #created = 0;
  #moment: Moment = { data: {}, answers: new Map() };
  /** Whether all entries of the program were appended by it. */
  #isOwn = true;

  constructor(data: MapData, edits: readonly Edit[], oracle: Oracle, tally: EditTally) {
    this.#world.data = { ...data };
    this.#original = data;
    this.#oracle = oracle;
    this.#tally = tally;
    const subjects = edits.flatMap((edit) => (edit.kind === "create" ? [reportedBy(this.#argsOf(edit))] : []));
    this.#asked = [...new Set([...identitiesIn(data), ...subjects])];
  }

  /** Does the edits, and removes all resources again. Returns what is wrong with what was done. */
  async play(edits: readonly Edit[]): Promise<string[]> {
    const problems: string[] = [];
    this.#moment = await this.#look();
    for (const edit of edits) {
      problems.push(...(await this.#step(edit)));
    }
    for (const _ of Object.keys(this.#mappings)) {
      problems.push(...(await this.#step({ kind: "remove", which: 0 })));
    }
    if (Object.keys(this.#mappings).length === 0) {
      problems.push(...this.#world.remainingClaims.map((claim) => `the claim is still there: ${claim}`));
    }
    if (this.#isOwn) {
      this.#tally.restored++;
      const { data } = this.#world;
      const lost = Object.entries(this.#original).filter(([key, text]) => isGivenBack(text) && data[key] !== text);
      problems.push(...lost.map(([key, text]) => `${key} is not as it was:\n${text}\n=====\n${data[key]}`));
    }
    return problems;
  }

  async #step(edit: Edit): Promise<string[]> {
    const before = this.#moment;
    const change = this.#changeOf(edit);
    if (change === undefined) {
      return [];
    }
    const { kind, subject, mappings } = change;
    const { claims } = this.#world;
    const errors = await this.#stack.up(programOf(mappings));
    const writes = this.#world.calls.filter((call) => call === "write map").length;
    if (errors.length > 0) {
      for (const error of errors) {
        const [, refusal = error] = kindsOfRefusal.find(([text]) => text.test(error)) ?? [];
        this.#tally.refusals[refusal] = (this.#tally.refusals[refusal] ?? 0) + 1;
      }
      this.#isOwn &&= kind !== "remove";
      const isKept = writes === 0 && this.#world.data === before.data && this.#world.claims === claims;
      return isKept ? [] : [`refused with ${errors}, and written`];
    }
    this.#mappings = mappings;
    const after = await this.#look();
    this.#moment = after;
    const isSame = JSON.stringify(before.data) === JSON.stringify(after.data);
    // Nothing but a claim is written for an entry that was there before, and the entry goes with its resource.
    this.#isOwn &&= kind !== "adopt" && !(isSame && edit.kind === "create");
    this.#tally[writes === 0 ? "idle" : "edits"]++;
    this.#tally.adoptions += edit.kind === "create" && kind === "adopt" ? 1 : 0;
    const { refused, steps, shown } = await this.#stack.preview(programOf(mappings));
    const isSettled = Object.values(steps).every((one) => one === "same") && refused.length === 0;
    return [
      ...(writes > 1 ? ["written more than once"] : []),
      ...(kind === "remove" && isSame ? ["nothing was removed"] : []),
      ...(isSettled ? [] : [`another run would change it: ${JSON.stringify({ steps, shown, refused })}`]),
      ...damages(kind, subject, before.data, after.data),
      ...strangersChanged(subject, before, after),
      ...Object.values(mappings).flatMap((wanted) => misunderstanding(wanted, after)),
    ];
  }

  async #look(): Promise<Moment> {
    const { data } = this.#world;
    const { identities } = await this.#oracle.ask(data, this.#asked);
    const answers = identities.map((answer, index) => [keyOf(this.#asked[index] ?? ""), answer] as const);
    return { data, answers: new Map(answers) };
  }

  /** What an edit makes of the program; undefined if it is for a principal or resource that another edit decides. */
  #changeOf(edit: Edit): { kind: EditKind; subject: Subject; mappings: Mappings } | undefined {
    const mappings = this.#mappings;
    if (edit.kind === "create") {
      const args = this.#argsOf(edit);
      const isTaken = Object.values(mappings).some((other) => keyOf(reportedBy(other)) === keyOf(reportedBy(args)));
      const kind = args.adopt ? "adopt" : "append";
      return isTaken ? undefined : { kind, subject: args, mappings: { ...mappings, [`r${++this.#created}`]: args } };
    }
    const entries = Object.entries(mappings);
    const [name, args] = entries[edit.which % entries.length] ?? [];
    if (name === undefined || args === undefined) {
      return undefined;
    }
    const { [name]: _, ...others } = mappings;
    if (edit.kind === "remove") {
      return { kind: "remove", subject: args, mappings: others };
    }
    const { arn, adopt } = args;
    if (arn === undefined) {
      return undefined;
    }
    const spelled = edit.inCapitals ? arn.replace(/[^/]+$/, (text) => text.toUpperCase()) : arn;
    const changed = { arn: spelled, ...(adopt && { adopt }), ...edit.content };
    return { kind: adopt ? "adopt" : "update", subject: args, mappings: { ...mappings, [name]: changed } };
  }

  /** An edit may be for an identity that the map already names. */
  #argsOf({ args, existing }: Extract<Edit, { kind: "create" }>): MappingArgs {
    const arns = existing === undefined || args.arn === undefined ? [] : existingArns(this.#original);
    return arns.length === 0 ? args : { ...args, arn: arns[(existing ?? 0) % arns.length] ?? "" };
  }
}

/** Who is locked out has tests of its own. */
const programOf = (mappings: Mappings): Program => ({ mappings, env: { AWS_AUTH_LOCKOUT_PROTECTION: "off" } });

/** An identity that a mapping is for, as AWS reports it: of a role a session; of an account one that no other entry names. */
function reportedBy({ arn, account }: Subject): string {
  const text = arn ?? `arn:aws:iam::${account}:role/nobody-in-particular`;
  return text.replace(/^arn:([\w-]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, "arn:$1:sts::$2:assumed-role/$3/session");
}

const keyOf = (arn: string) => arn.toLowerCase();

/** All identities that a map names, and one of each account, as AWS reports them. */
function identitiesIn(data: MapData): string[] {
  const text = Object.values(data).join("\n");
  const arns = text.match(/arn:aws(?:-cn)?:iam::\d+:(?:role|user)\/[\w+=.@/-]*[\w+=.@-]/g) ?? [];
  const accounts = text.match(/\b\d{12}\b/g) ?? [];
  return [...arns.map((arn) => reportedBy({ arn })), ...accounts.map((account) => reportedBy({ account }))];
}

/** Recognises the entries of a principal, in any letter case, and of a role with any path. */
function naming({ arn, account }: Subject): RegExp {
  const [, , , , owner, resource = ""] = arn?.split(":") ?? [];
  const [kind, ...path] = resource.split("/").map((part) => part.replace(/[.+*?^$(){}|[\]\\]/g, "\\$&"));
  const name = kind === "role" ? `(?:[^\\s"']*/)?${path.at(-1)}` : path.join("/");
  return arn === undefined
    ? new RegExp(`\\b${account}\\b`)
    : new RegExp(`:${owner}:${kind}/${name}(?![\\w+=.@/-])`, "i");
}

function damages(kind: EditKind, subject: Subject, before: MapData, after: MapData): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const [then = "", now = ""] = [before[key], after[key]];
    const found = unwantedChange(kind, then, now, naming(subject));
    return found === undefined ? [] : [`${key}: ${found}:\n${then}\n=====\n${now}`];
  });
}

/** The authenticator's answers about all others stay. The entry of an account applies to identities that no other entry names. */
function strangersChanged(subject: Subject, before: Moment, after: Moment): string[] {
  const own = answerAbout(subject, after).canonical.toLowerCase();
  return [...after.answers].flatMap(([arn, answer]) => {
    const isOfAccount = answer.canonical.split(":")[4] === subject.account;
    const counted = (one: IdentityAnswer | undefined) =>
      JSON.stringify(one?.outcomes.filter((outcome) => !isOfAccount || !isFallback(one, outcome)));
    const [was, is] = [counted(before.answers.get(arn)), counted(answer)];
    const isOwn = subject.account === undefined && answer.canonical.toLowerCase() === own;
    return isOwn || was === is ? [] : [`${arn} was ${was}, and is ${is}`];
  });
}

/** A resource's entry means to the authenticator what the resource declares. */
function misunderstanding(wanted: MappingArgs, moment: Moment): string[] {
  const { canonical, outcomes } = answerAbout(wanted, moment);
  const { username = "", groups = [], account } = wanted;
  const meant = account === undefined ? { username, groups } : { username: canonical, groups: [] };
  const texts = outcomes.map((outcome) => textOf(outcome));
  return texts.join() === textOf(meant) ? [] : [`${JSON.stringify(wanted)} means ${texts}`];
}

/** What removing everything gives back: a list, and an empty one that ends the text. */
function isGivenBack(text: string): boolean {
  return itemsIn(text).length > 0 || /(?:^|\n)\[\]\r?\n?$/.test(text);
}

function answerAbout(subject: Subject, { answers }: Moment): IdentityAnswer {
  return answers.get(keyOf(reportedBy(subject))) ?? { canonical: "", outcomes: [] };
}

/** Whether it is what the entry of an account gives. */
function isFallback({ canonical }: IdentityAnswer, { username, groups }: Outcome): boolean {
  return username === canonical && groups.length === 0;
}

function textOf({ username, groups }: Outcome): string {
  return JSON.stringify([username, ...groups.toSorted()]);
}
