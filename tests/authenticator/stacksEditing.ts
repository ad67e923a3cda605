import { parseDocument } from "../../provider/document/index.ts";
import { addedByHand, changedByHand, contentOf, entriesOn, removedByHand } from "../support/authenticator/handEdits.ts";
import { identitiesIn, reportedBy } from "../support/authenticator/identities.ts";
import { entriesIn } from "../support/authenticator/listText.ts";
import type { MapData } from "../support/authenticator/maps.ts";
import type { MemoryStore } from "../support/authenticator/memoryStore.ts";
import type { Oracle } from "../support/authenticator/oracle.ts";
import {
  type MappingArgs,
  type Provider,
  SimulatedProgram,
  type Subject,
} from "../support/authenticator/simulatedProgram.ts";
import { type StackEdit, stackCount, subjects, withContent } from "../support/authenticator/stackEdits.ts";
import { refusalOf } from "./editing.ts";
import { blurred, cutLine, type Expected, isSame, StacksModel, type Wish } from "./stacksModel.ts";
import { type Moment, verdict } from "./verdict.ts";

/** The results of the stacks' operations. */
export interface StacksTally {
  /** Edits of map or record by a stack. */
  edits: number;
  /** Edits that found both as they would have them. */
  idle: number;
  /** What a colleague changed in between. */
  byHand: number;
  /** Maps that were the original again at the end, byte for byte. */
  restored: number;
  /** Refusals, by the error's code. */
  readonly refusals: Record<string, number>;
}

interface Step {
  readonly program: SimulatedProgram;
  readonly name: string;
  readonly subject: Subject;
  /** What the resource is to say; undefined: it is removed. */
  readonly args: MappingArgs | undefined;
}

/** One row of edits by several stacks and a colleague on one map, judged by a model, by the authenticator and by the bytes. */
export class StacksEditing {
  readonly #programs: readonly SimulatedProgram[];
  readonly #store: MemoryStore;
  readonly #oracle: Oracle;
  readonly #tally: StacksTally;
  readonly #original: MapData;
  readonly #asked: readonly string[];
  readonly #model = new StacksModel();
  readonly #verdicts: Promise<string[]>[] = [];
  #created = 0;
  /** Whether only the stacks changed the data. */
  #isOwn = true;

  constructor(provider: Provider, store: MemoryStore, oracle: Oracle, tally: StacksTally) {
    this.#programs = Array.from({ length: stackCount }, (_, index) => new SimulatedProgram(provider, `stack${index}`));
    this.#store = store;
    this.#oracle = oracle;
    this.#tally = tally;
    this.#original = store.data;
    this.#asked = [...new Set([...identitiesIn(store.data), ...subjects.map(reportedBy)])];
  }

  /** Does one edit. */
  async play(edit: StackEdit): Promise<void> {
    if ("stack" in edit) {
      await this.#playOfStack(edit);
    } else {
      this.#playByHand(edit);
    }
    this.#judge(
      this.#model.wishes
        .filter(({ isWanting, subject, said }) => isWanting && !this.#contents(subject).includes(said))
        .map(({ label, said }) => `${label} wants ${said}, and it is not there after ${JSON.stringify(edit)}`),
    );
    this.#judge(this.#model.recordProblems(this.#store.claims).map((problem) => `${JSON.stringify(edit)}: ${problem}`));
  }

  /** Destroys the stacks, with a refresh where that is refused: then no line of theirs is left. */
  async clear(): Promise<void> {
    for (const [stack, program] of this.#programs.entries()) {
      for (const name of program.names) {
        await this.play({ kind: "remove", stack, which: 0 });
        if (!program.names.includes(name)) {
          continue;
        }
        await this.play({ kind: "refresh", stack, which: 0 });
        await this.play({ kind: "remove", stack, which: 0 });
        if (program.names.includes(name)) {
          this.#judge([`${name} is not removed after a refresh`]);
        }
      }
    }
    if (!this.#isOwn || this.#model.wishes.length > 0) {
      return;
    }
    this.#tally.restored++;
    const { data } = this.#store;
    const isGivenBack = (text: string) => entriesIn(text).length > 0 || /(?:^|\n)\[\]\r?\n?$/.test(text);
    const lost = Object.entries(this.#original).filter(([key, text]) => isGivenBack(text) && data[key] !== text);
    this.#judge(lost.map(([key, text]) => `${key} is not as it was:\n${text}\n=====\n${data[key]}`));
  }

  /** What is wrong with what was done. */
  async problems(): Promise<string[]> {
    return (await Promise.all(this.#verdicts)).flat();
  }

  async #playOfStack(edit: Extract<StackEdit, { stack: number }>): Promise<void> {
    const program = this.#programs[edit.stack];
    if (program === undefined) {
      return;
    }
    const step = this.#stepOf(program, edit);
    if (step === undefined) {
      return;
    }
    if (edit.kind === "refresh") {
      await this.#refresh(step);
    } else {
      await this.#write(step);
    }
  }

  #stepOf(program: SimulatedProgram, edit: Extract<StackEdit, { stack: number }>): Step | undefined {
    const { names } = program;
    if (edit.kind === "create") {
      // Two resources for one principal are refused in most programs, and have tests of their own.
      if (names.some((name) => isSame(program.args(name), edit.args))) {
        return undefined;
      }
      return { program, name: `resource-${++this.#created}`, subject: edit.args, args: edit.args };
    }
    const name = names[edit.which % names.length];
    if (name === undefined) {
      return undefined;
    }
    const { arn, account, adopt, noDuplicateARNs, ...content } = program.args(name);
    const subject = account === undefined ? { arn: arn ?? "" } : { account };
    if (edit.kind !== "update") {
      return { program, name, subject, args: edit.kind === "up" ? program.args(name) : undefined };
    }
    const flags = edit.adopt ? { adopt: true } : noDuplicateARNs === false ? { noDuplicateARNs } : {};
    return {
      program,
      name,
      subject,
      args: { ...withContent(subject, account === undefined ? edit.content : content), ...flags },
    };
  }

  async #write({ program, name, subject, args }: Step): Promise<void> {
    const label = program.label(name);
    const { writes, data, claims } = this.#store;
    const before = this.#contents(subject);
    const isNew = !program.names.includes(name);
    const expected = this.#expected(isNew ? undefined : this.#model.of(label), args, before);
    const desired = args && contentOf(args);
    const isFound =
      desired !== undefined && before.includes(desired) && this.#model.isFoundBy({ label, subject }, desired);
    const refusal = await refusalOf(() => (args === undefined ? program.remove(name) : program.set(name, args)));
    const after = this.#contents(subject);
    const told = `${label} ${JSON.stringify(args ?? "removed")} with ${JSON.stringify(before)}`;
    const came = refusal === undefined ? { contents: after } : { refusal };
    if (!isAsExpected(expected, came)) {
      this.#judge([`${told} came to ${JSON.stringify(came)}, not ${JSON.stringify(expected)}\n${claims}`]);
    }
    if (refusal !== undefined) {
      this.#tally.refusals[refusal] = (this.#tally.refusals[refusal] ?? 0) + 1;
      if (this.#store.writes > writes) {
        this.#judge([`${told} was refused, and written`]);
      }
      return;
    }
    if (this.#store.writes > writes + 1) {
      this.#judge([`${told} was written more than once`]);
    }
    if (this.#store.writes > writes) {
      this.#tally.edits++;
    } else {
      this.#tally.idle++;
    }
    if (args === undefined) {
      this.#model.removed(label);
    }
    const lost = before.filter((content) => !after.includes(content));
    this.#model.lost(subject, lost, label, args?.adopt === true);
    if (args !== undefined) {
      const isStrict = program.stored(name).noDuplicateARNs !== false;
      const isOther = isNew || (!args.adopt && after.length < before.length);
      // What is adopted and changed, or made anew, is no longer what was found.
      const isChanged = !isNew && args.adopt === true && this.#model.of(label).lined !== desired;
      const found = isOther ? isFound : isChanged || after.length > before.length ? false : undefined;
      this.#model.written(label, args, isStrict, found);
    }
    if (JSON.stringify(data) !== JSON.stringify(this.#store.data)) {
      this.#askAuthenticator(subject, args, data, after.length - before.length);
    }
  }

  #expected(wish: Wish | undefined, args: MappingArgs | undefined, contents: readonly string[]): Expected {
    if (args === undefined) {
      return wish === undefined ? { contents } : this.#model.removing(wish, contents);
    }
    return wish === undefined ? this.#model.creating(args, contents) : this.#model.updating(wish, args, contents);
  }

  #askAuthenticator(subject: Subject, args: MappingArgs | undefined, data: MapData, growth: number): void {
    const grown = growth > 0 ? "append" : growth < 0 ? "remove" : "update";
    const kind = args?.adopt ? "adopt" : grown;
    const moments = [this.#look(data, []), this.#look(this.#store.data, args === undefined ? [] : [args])] as const;
    this.#verdicts.push(Promise.all(moments).then(([then, now]) => verdict(kind, subject, then, now)));
  }

  async #look(data: MapData, wanted: readonly MappingArgs[]): Promise<Moment> {
    const answer = await this.#oracle.ask(data, this.#asked);
    return { data, document: parseDocument(data), asked: this.#asked, answer, wanted };
  }

  /** A refresh writes nothing, and takes over nothing that others want. */
  async #refresh({ program, name, subject }: Step): Promise<void> {
    const wish = this.#model.of(program.label(name));
    const { writes } = this.#store;
    const contents = this.#contents(subject);
    await program.refresh(name);
    if (this.#store.writes > writes) {
      this.#judge([`a refresh of ${name} wrote`]);
    }
    const isGone = !program.names.includes(name);
    const said = isGone ? undefined : contentOf(program.stored(name));
    const told = `a refresh of ${wish.label}, which said ${wish.said}, with ${JSON.stringify(contents)} made ${said}`;
    if (said !== wish.said) {
      const free = contents.filter((content) => !this.#model.isCovered(wish, content));
      const isTakenOver = wish.isStrict && wish.lined === undefined && contents.length > 0 && free.length === 0;
      const isRight = !contents.includes(wish.said) && !isTakenOver && (said === undefined || free.includes(said));
      if (!isRight) {
        this.#judge([told]);
      }
    }
    if (said === undefined) {
      wish.isWanting = false;
      if (wish.lined === undefined) {
        this.#model.removed(wish.label);
      } else {
        this.#isOwn = false;
      }
    } else {
      wish.said = said;
    }
  }

  #playByHand(edit: Exclude<StackEdit, { stack: number }>): void {
    const { data, claims } = this.#store;
    if (edit.kind === "handAdd") {
      this.#changeData(addedByHand(data, edit.args), edit.args);
    } else if (edit.kind === "handChange" || edit.kind === "handRemove") {
      this.#changeEntry(edit);
    } else if (edit.kind === "dropRecord") {
      this.#changeRecord([]);
    } else if (edit.kind === "foreignLine") {
      this.#changeRecord([...(claims?.split("\n") ?? []), edit.line]);
    } else {
      this.#changeLine(edit.kind, edit.which);
    }
  }

  #changeEntry(edit: Extract<StackEdit, { kind: "handChange" | "handRemove" }>): void {
    const { data } = this.#store;
    const entries = entriesOn(data, edit.subject);
    const entry = entries[edit.which % entries.length];
    if (entry === undefined) {
      return;
    }
    const changed =
      edit.kind === "handRemove"
        ? removedByHand(data, entry)
        : changedByHand(data, entry, withContent(edit.subject, edit.content));
    this.#changeData(changed, edit.subject);
  }

  #changeData(data: MapData, subject: Subject): void {
    const before = this.#contents(subject);
    this.#store.edit(data, this.#store.claims);
    this.#tally.byHand++;
    this.#isOwn = false;
    const after = this.#contents(subject);
    this.#model.lost(
      subject,
      before.filter((content) => !after.includes(content)),
      undefined,
      false,
    );
  }

  #changeLine(kind: "dropLine" | "cutLine" | "blurLine", which: number): void {
    const lined = this.#model.wishes.filter((wish) => wish.lined !== undefined);
    const wish = lined[which % lined.length];
    const lines = this.#store.claims?.split("\n") ?? [];
    const at = lines.findIndex((line) => wish !== undefined && line.endsWith(` ${wish.label}`));
    if (wish === undefined || at === -1) {
      return;
    }
    wish.lined = kind === "blurLine" ? blurred : undefined;
    // Nobody removes an entry that a truncated claim keeps.
    this.#isOwn &&= kind !== "cutLine";
    const changed = kind === "cutLine" ? [cutLine(wish.subject)] : [lines[at]?.replace(/ \S+/, " 000000") ?? ""];
    this.#changeRecord(lines.toSpliced(at, 1, ...(kind === "dropLine" ? [] : changed)));
  }

  #changeRecord(lines: readonly string[]): void {
    this.#tally.byHand++;
    this.#store.edit(this.#store.data, lines.length === 0 ? undefined : lines.join("\n"));
    for (const wish of this.#model.wishes) {
      if (!lines.some((line) => line.endsWith(` ${wish.label}`))) {
        wish.lined = undefined;
      }
    }
    this.#model.foreign = lines.filter((line) => !this.#model.wishes.some(({ label }) => line.endsWith(` ${label}`)));
  }

  #contents(subject: Subject): string[] {
    return entriesOn(this.#store.data, subject).map(({ content }) => content);
  }

  #judge(problems: readonly string[]): void {
    this.#verdicts.push(Promise.resolve([...problems]));
  }
}

function isAsExpected(expected: Expected, came: Expected): boolean {
  const comparable = (one: Expected) => ("refusal" in one ? one.refusal : one.contents.toSorted().join("\n"));
  return "refusal" in expected === "refusal" in came && comparable(expected) === comparable(came);
}
