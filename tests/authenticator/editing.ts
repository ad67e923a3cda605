import { parseMap } from "../../provider/awsAuthMap/index.ts";
import { type Edit, existingArns } from "../support/authenticator/edits.ts";
import type { EditKind } from "../support/authenticator/foreignBytes.ts";
import { identitiesIn, naming, reportedBy } from "../support/authenticator/identities.ts";
import { entriesIn } from "../support/authenticator/listText.ts";
import type { MapData } from "../support/authenticator/maps.ts";
import type { MemoryStore } from "../support/authenticator/memoryStore.ts";
import type { Oracle } from "../support/authenticator/oracle.ts";
import type { MappingArgs, SimulatedProgram, Subject } from "../support/authenticator/simulatedProgram.ts";
import { disagreements, type Tally } from "./agreement.ts";
import { isSame, type Moment, verdict } from "./verdict.ts";

/** What became of the edits. */
export interface EditTally extends Tally {
  /** Edits that changed the map. */
  edits: number;
  /** Those of them that took entries over which were there before. */
  adoptions: number;
  /** Edits that found the map as they would have it. */
  idle: number;
  /** Maps that removing everything again gave back byte for byte. */
  restored: number;
  /** Refusals, by the error's code. */
  readonly refusals: Record<string, number>;
}

interface Step {
  readonly kind: EditKind;
  readonly subject: Subject;
  readonly run: () => Promise<void>;
}

/** One row of edits on one map, each of them judged by the authenticator and by the bytes. */
export class Editing {
  readonly #program: SimulatedProgram;
  readonly #store: MemoryStore;
  readonly #oracle: Oracle;
  readonly #tally: EditTally;
  readonly #original: MapData;
  /** All identities that the map or an edit names. */
  readonly #asked: readonly string[];
  readonly #verdicts: Promise<string[]>[] = [];
  #moment: Promise<Moment>;
  #created = 0;
  /** Whether all entries that are ours were appended by us. */
  #isOwn = true;

  constructor(program: SimulatedProgram, store: MemoryStore, oracle: Oracle, edits: readonly Edit[], tally: EditTally) {
    this.#program = program;
    this.#store = store;
    this.#oracle = oracle;
    this.#tally = tally;
    this.#original = store.data;
    const subjects = edits.flatMap((edit) => (edit.kind === "create" ? [reportedBy(this.#argsOf(edit))] : []));
    this.#asked = [...new Set([...identitiesIn(store.data), ...subjects])];
    this.#moment = this.#look();
  }

  /** Does one edit; the authenticator is asked meanwhile. */
  async play(edit: Edit): Promise<void> {
    const step = this.#stepOf(edit);
    if (step === undefined) {
      return;
    }
    const { subject } = step;
    const { writes, data } = this.#store;
    const before = this.#moment;
    const refusal = await refusalOf(step.run);
    // Where another entry says already what its own is to say, a resource joins that one.
    const joins = step.kind === "update" && countOf(this.#store.data, subject) < countOf(data, subject);
    const kind = joins ? "remove" : step.kind;
    const written = this.#store.writes - writes;
    if (refusal !== undefined) {
      this.#tally.refusals[refusal] = (this.#tally.refusals[refusal] ?? 0) + 1;
      this.#isOwn &&= kind !== "remove";
      this.#verdicts.push(Promise.resolve(problemsOfRefusal(refusal, written)));
    } else if (written === 0) {
      this.#tally.idle++;
    } else {
      this.#tally.edits++;
      this.#tally.adoptions += edit.kind === "create" && kind === "adopt" ? 1 : 0;
      // Of what was there before nothing but a line is written, and it goes with the resource.
      const isFound = edit.kind === "create" && JSON.stringify(data) === JSON.stringify(this.#store.data);
      this.#isOwn &&= kind !== "adopt" && !isFound && !joins;
      const after = this.#look();
      this.#moment = after;
      this.#verdicts.push(
        Promise.all([before, after]).then(([then, now]) => [
          ...(written > 1 ? ["written more than once"] : []),
          ...verdict(kind, subject, then, now),
          ...misexplained(now, this.#tally),
        ]),
      );
    }
  }

  /** Removes all resources again, which gives back the original bytes where all that they ever did was to append. */
  async clear(): Promise<void> {
    for (const _ of this.#program.names) {
      await this.play({ kind: "remove", which: 0 });
    }
    const { claims } = this.#store;
    if (this.#program.names.length === 0 && claims !== undefined) {
      this.#verdicts.push(Promise.resolve([`the record is still there:\n${claims}`]));
    }
    if (!this.#isOwn) {
      return;
    }
    this.#tally.restored++;
    const { data } = this.#store;
    const lost = Object.entries(this.#original).filter(([key, text]) => isGivenBack(text) && data[key] !== text);
    this.#verdicts.push(
      Promise.resolve(lost.map(([key, text]) => `${key} is not as it was:\n${text}\n=====\n${data[key]}`)),
    );
  }

  /** What is wrong with what was done. */
  async problems(): Promise<string[]> {
    await this.#moment;
    return (await Promise.all(this.#verdicts)).flat();
  }

  async #look(): Promise<Moment> {
    const { data } = this.#store;
    const wanted = this.#program.names.map((name) => this.#program.wanted(name));
    const answer = await this.#oracle.ask(data, this.#asked);
    return { data, document: parseMap(data), asked: this.#asked, answer, wanted };
  }

  #stepOf(edit: Edit): Step | undefined {
    const { names } = this.#program;
    if (edit.kind === "create") {
      const args = this.#argsOf(edit);
      // Two resources for one principal are refused whatever the map holds; that has tests of its own.
      if (names.some((name) => isSame(this.#program.wanted(name), args))) {
        return undefined;
      }
      const run = () => this.#program.set(`resource-${++this.#created}`, args);
      return { kind: args.adopt ? "adopt" : "append", subject: args, run };
    }
    const name = names[edit.which % names.length];
    if (name === undefined) {
      return undefined;
    }
    const subject = this.#program.wanted(name);
    if (edit.kind === "remove") {
      return { kind: "remove", subject, run: () => this.#program.remove(name) };
    }
    const { username: _username, groups: _groups, ...rest } = this.#program.args(name);
    if (rest.arn === undefined) {
      return undefined;
    }
    const arn = edit.inCapitals ? rest.arn.replace(/[^/]+$/, (text) => text.toUpperCase()) : rest.arn;
    const args = { ...rest, arn, ...edit.content };
    return { kind: rest.adopt ? "adopt" : "update", subject, run: () => this.#program.set(name, args) };
  }

  /** An edit may be for an identity that the map already names. */
  #argsOf({ args, existing }: Extract<Edit, { kind: "create" }>): MappingArgs {
    const arns = existing === undefined || args.arn === undefined ? [] : existingArns(this.#original);
    return arns.length === 0 ? args : { ...args, arn: arns[(existing ?? 0) % arns.length] ?? "" };
  }
}

function countOf(data: MapData, subject: Subject): number {
  const names = naming(subject);
  const named = (text: string) => entriesIn(text).filter(({ start, end }) => names.test(text.slice(start, end)));
  return Object.values(data).reduce((sum, text) => sum + named(text).length, 0);
}

/** Explains everybody, and of many some: each explanation looks at every entry. */
function misexplained({ document, asked, answer }: Moment, tally: Tally): string[] {
  const step = Math.ceil(asked.length / 20);
  const isChosen = (_: unknown, index: number) => (asked.length - 1 - index) % step === 0;
  return disagreements(
    document,
    asked.filter(isChosen),
    { ...answer, identities: answer.identities.filter(isChosen) },
    tally,
  );
}

/** What the design promises to give back when all is removed: a list, and an empty one that ends the text. */
function isGivenBack(text: string): boolean {
  return entriesIn(text).length > 0 || /(?:^|\n)\[\]\r?\n?$/.test(text);
}

function problemsOfRefusal(code: string, written: number): string[] {
  return written > 0 ? [`refused with ${code}, and written`] : [];
}

/** The code of the error with which the provider refuses; undefined where it does not. */
export async function refusalOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      return String(error.code);
    }
    throw error;
  }
}
