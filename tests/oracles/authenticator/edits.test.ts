import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import {
  anyEditedMap,
  anyEdits,
  type Edit,
  existingArns,
  type MappingArgs,
} from "../../support/authenticator/edits.ts";
import { type EditKind, itemsIn, unwantedChange } from "../../support/authenticator/foreignBytes.ts";
import type { MapData } from "../../support/authenticator/maps.ts";
import { type IdentityAnswer, Oracle, type Outcome } from "../../support/authenticator/oracle.ts";
import { type Program, Stack } from "../../support/lifecycle/stack.ts";
import { World } from "../../support/lifecycle/world.ts";
import { cases } from "../../support/nightly.ts";

/** The least average number of edits that change a map; the others are refused or change nothing. */
const editsPerRun = 4;
/** FUZZ_RUNS sets the number of maps. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(500, 2_500) / editsPerRun);

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

it("an edit has the declared effect in the authenticator and changes no other identity or byte", async () => {
  const tally: EditTally = { edits: 0, adoptions: 0, idle: 0, restored: 0, refusals: {} };
  await fc.assert(
    fc.asyncProperty(anyEditedMap, anyEdits, async (data, edits) => {
      expect(await new EditRun(data, edits, oracle, tally).run(edits)).toEqual([]);
    }),
    { numRuns },
  );
  console.log(`${tally.edits} edits of ${numRuns} maps: ${JSON.stringify(tally)}`);
  const { unreadable = 0, unsupported = 0, duplicate = 0, ...others } = tally.refusals;
  const percent = (count: number) => (100 * count) / (tally.edits + unreadable + unsupported);
  console.log(
    `refused: ${percent(unreadable).toFixed(1)} % unreadable, ${percent(unsupported).toFixed(1)} % unsupported`,
  );
  expect(others, "refusals that no row of kindsOfRefusal matches").toEqual({});
  // Limits how many edits may be refused: a third of the maps are broken, and many entries have comments or other fields.
  expect(percent(unreadable)).toBeLessThan(25);
  expect(percent(unsupported)).toBeLessThan(15);
  expect(tally.edits).toBeGreaterThanOrEqual(numRuns * editsPerRun);
  expect(Math.min(tally.adoptions, tally.restored, duplicate)).toBeGreaterThan(numRuns / 10);
}, 3_600_000);

/** Counts of the edits' results. */
interface EditTally {
  /** Edits that changed the map. */
  edits: number;
  /** Edits that adopted existing entries. */
  adoptions: number;
  /** Edits that changed nothing in the map. */
  idle: number;
  /** Maps that were restored byte for byte after all resources were removed. */
  restored: number;
  /** Refusals by kind. */
  readonly refusals: Record<string, number>;
}

type Mappings = Readonly<Record<string, MappingArgs>>;
type Subject = Pick<MappingArgs, "arn" | "account">;

/** A version of the map, and the authenticator's answer for each identity. */
interface Snapshot {
  readonly data: MapData;
  readonly answers: ReadonlyMap<string, IdentityAnswer>;
}

const kindsOfRefusal: readonly (readonly [RegExp, kind: string])[] = [
  [/ cannot be read; line /, "unreadable"],
  [/ that would be lost if the entry were replaced; /, "unsupported"],
  [/ is already mapped | but only the last one takes effect | and any of them may take effect /, "duplicate"],
];

/** A sequence of edits to a program on one map; the authenticator and a byte comparison check each of them. */
class EditRun {
  readonly #world = Object.assign(new World(), { mode: "CONFIG_MAP" });
  readonly #stack = new Stack(this.#world);
  readonly #oracle: Oracle;
  readonly #tally: EditTally;
  readonly #original: MapData;
  /** All identities in the map and in the edits. */
  readonly #asked: readonly string[];
  #mappings: Mappings = {};
  #created = 0;
  #snapshot: Snapshot = { data: {}, answers: new Map() };
  /** Whether the program appended all of its entries. */
  #isOwn = true;

  constructor(data: MapData, edits: readonly Edit[], oracle: Oracle, tally: EditTally) {
    this.#world.data = { ...data };
    this.#original = data;
    this.#oracle = oracle;
    this.#tally = tally;
    const subjects = edits.flatMap((edit) => (edit.kind === "create" ? [reportedBy(this.#argsOf(edit))] : []));
    this.#asked = [...new Set([...identitiesIn(data), ...subjects])];
  }

  /** Applies the edits, then removes all resources. Returns the problems found. */
  async run(edits: readonly Edit[]): Promise<string[]> {
    const problems: string[] = [];
    this.#snapshot = await this.#takeSnapshot();
    for (const edit of edits) {
      problems.push(...(await this.#apply(edit)));
    }
    for (const _ of Object.keys(this.#mappings)) {
      problems.push(...(await this.#apply({ kind: "remove", which: 0 })));
    }
    if (Object.keys(this.#mappings).length === 0) {
      problems.push(...this.#world.remainingClaims.map((claim) => `the claim is still there: ${claim}`));
    }
    if (this.#isOwn) {
      this.#tally.restored++;
      const { data } = this.#world;
      const lost = Object.entries(this.#original).filter(([key, text]) => isRestorable(text) && data[key] !== text);
      problems.push(...lost.map(([key, text]) => `${key} is not as it was:\n${text}\n=====\n${data[key]}`));
    }
    return problems;
  }

  async #apply(edit: Edit): Promise<string[]> {
    const before = this.#snapshot;
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
    const after = await this.#takeSnapshot();
    this.#snapshot = after;
    const isSame = JSON.stringify(before.data) === JSON.stringify(after.data);
    // For an identical existing entry only a claim is written, and the entry is removed with its resource.
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
      ...changedOthers(subject, before, after),
      ...Object.values(mappings).flatMap((wanted) => misreadMapping(wanted, after)),
    ];
  }

  async #takeSnapshot(): Promise<Snapshot> {
    const { data } = this.#world;
    const { identities } = await this.#oracle.ask(data, this.#asked);
    const answers = identities.map((answer, index) => [keyOf(this.#asked[index] ?? ""), answer] as const);
    return { data, answers: new Map(answers) };
  }

  /** The program after an edit; undefined if the edit does not apply to the current program. */
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

  /** An edit may target an identity that the map already contains. */
  #argsOf({ args, existing }: Extract<Edit, { kind: "create" }>): MappingArgs {
    const arns = existing === undefined || args.arn === undefined ? [] : existingArns(this.#original);
    return arns.length === 0 ? args : { ...args, arn: arns[(existing ?? 0) % arns.length] ?? "" };
  }
}

/** Lockout protection has its own tests. */
const programOf = (mappings: Mappings): Program => ({ mappings, env: { AWS_AUTH_LOCKOUT_PROTECTION: "off" } });

/** An identity of a mapping as AWS reports it: a session of a role; for an account, an identity without another entry. */
function reportedBy({ arn, account }: Subject): string {
  const text = arn ?? `arn:aws:iam::${account}:role/nobody-in-particular`;
  return text.replace(/^arn:([\w-]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, "arn:$1:sts::$2:assumed-role/$3/session");
}

const keyOf = (arn: string) => arn.toLowerCase();

/** All identities in a map, and one for each account, as AWS reports them. */
function identitiesIn(data: MapData): string[] {
  const text = Object.values(data).join("\n");
  const arns = text.match(/arn:aws(?:-cn)?:iam::\d+:(?:role|user)\/[\w+=.@/-]*[\w+=.@-]/g) ?? [];
  const accounts = text.match(/\b\d{12}\b/g) ?? [];
  return [...arns.map((arn) => reportedBy({ arn })), ...accounts.map((account) => reportedBy({ account }))];
}

/** Matches the entries of a principal in any letter case, and of a role with any path. */
function patternOf({ arn, account }: Subject): RegExp {
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
    const found = unwantedChange(kind, then, now, patternOf(subject));
    return found === undefined ? [] : [`${key}: ${found}:\n${then}\n=====\n${now}`];
  });
}

/** Other identities keep the authenticator's answers; an account entry applies to identities without another entry. */
function changedOthers(subject: Subject, before: Snapshot, after: Snapshot): string[] {
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

/** Checks that the authenticator reads a resource's entry as the resource declares it. */
function misreadMapping(wanted: MappingArgs, snapshot: Snapshot): string[] {
  const { canonical, outcomes } = answerAbout(wanted, snapshot);
  const { username = "", groups = [], account } = wanted;
  const meant = account === undefined ? { username, groups } : { username: canonical, groups: [] };
  const texts = outcomes.map((outcome) => textOf(outcome));
  return texts.join() === textOf(meant) ? [] : [`${JSON.stringify(wanted)} means ${texts}`];
}

/** Removal restores a list with items, and an empty list at the end of the text. */
function isRestorable(text: string): boolean {
  return itemsIn(text).length > 0 || /(?:^|\n)\[\]\r?\n?$/.test(text);
}

function answerAbout(subject: Subject, { answers }: Snapshot): IdentityAnswer {
  return answers.get(keyOf(reportedBy(subject))) ?? { canonical: "", outcomes: [] };
}

/** Whether it is the outcome of an account entry. */
function isFallback({ canonical }: IdentityAnswer, { username, groups }: Outcome): boolean {
  return username === canonical && groups.length === 0;
}

function textOf({ username, groups }: Outcome): string {
  return JSON.stringify([username, ...groups.toSorted()]);
}
