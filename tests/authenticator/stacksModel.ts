import { contentOf } from "../support/authenticator/handEdits.ts";
import type { MappingArgs, Subject } from "../support/authenticator/simulatedProgram.ts";

/** A resource of a stack, as far as the map and its record are concerned. */
export interface Wish {
  readonly label: string;
  readonly subject: Subject;
  /** The entry in its state, in the form of `contentOf`. */
  said: string;
  /** What its line in the record is for; {@link blurred} for what nothing says, undefined where it has no line. */
  lined: string | undefined;
  /** Whether its entry was not removed since it was last written. */
  isWanting: boolean;
  /** Whether its state says that it refuses other entries of its principal. */
  readonly isStrict: boolean;
  /** Whether the entry existed without a claim when it became the resource's. */
  readonly isFound: boolean;
}

/** What a line is for whose fingerprint is nobody's. */
export const blurred = "?";

/** What becomes of the contents of a principal's entries, or why nothing does. */
export type Expected = { readonly contents: readonly string[] } | { readonly refusal: string };

/** Who wants what, by the rules of the record, of contents that compare alone: no provider decides here. */
export class StacksModel {
  readonly #wishes = new Map<string, Wish>();
  /** Lines that are nobody's of ours, in their order. */
  foreign: readonly string[] = [];

  /** All resources, and those that a refresh dropped and whose lines stay. */
  get wishes(): readonly Wish[] {
    return [...this.#wishes.values()];
  }

  of(label: string): Wish {
    const wish = this.#wishes.get(label);
    if (wish === undefined) {
      throw new RangeError(`nobody is ${label}`);
    }
    return wish;
  }

  /** The expected result of a create. */
  creating(args: MappingArgs, contents: readonly string[]): Expected {
    const desired = contentOf(args);
    if (args.adopt) {
      return { contents: [desired] };
    }
    const isRefused = args.noDuplicateARNs !== false && contents.some((content) => content !== desired);
    if (isRefused) {
      return { refusal: "duplicateArn" };
    }
    return { contents: contents.includes(desired) ? contents : [...contents, desired] };
  }

  /** The expected result of an `up` of a resource in the state. */
  updating(wish: Wish, args: MappingArgs, contents: readonly string[]): Expected {
    const desired = contentOf(args);
    const isCovered = (content: string) => this.isCovered(wish, content);
    const free = contents.filter((content) => !isCovered(content));
    const isSure = args.noDuplicateARNs !== false;
    const only = !args.adopt && isSure && free.length === 1 ? free[0] : undefined;
    const known = [wish.said, desired, wish.lined].find(
      (content) => content !== undefined && contents.includes(content),
    );
    const own = known ?? only;
    const isTaken = own === undefined ? contents.some(isCovered) : own !== desired && isCovered(own);
    const isHeld = own !== undefined && own !== desired && isCovered(own) && !args.adopt;
    if (wish.lined === undefined ? isTaken && isSure : isHeld) {
      return { refusal: "claimed" };
    }
    if (args.adopt) {
      return { contents: [desired] };
    }
    const rest = own === undefined ? contents : contents.toSpliced(contents.lastIndexOf(own), 1);
    if (args.noDuplicateARNs !== false && rest.some((content) => content !== desired)) {
      return { refusal: "duplicateArn" };
    }
    return { contents: own !== desired && rest.includes(desired) ? rest : [...rest, desired] };
  }

  /** The expected result of a delete. */
  removing(wish: Wish, contents: readonly string[]): Expected {
    const target = [wish.said, wish.lined].find((content) => content !== undefined && contents.includes(content));
    if (target !== undefined) {
      if (this.isCovered(wish, target)) {
        return { contents };
      }
      return { contents: contents.toSpliced(contents.lastIndexOf(target), 1) };
    }
    const free = contents.filter((content) => !this.isCovered(wish, content));
    return free.length === 1 && wish.isStrict ? { refusal: "changedOutside" } : { contents };
  }

  /** Whether anybody but a resource claims the content of an entry. */
  isCovered(wish: Pick<Wish, "label" | "subject">, content: string): boolean {
    const others = this.wishes.filter((other) => other.label !== wish.label && isSame(other.subject, wish.subject));
    return others.some(({ lined }) => lined === content) || this.foreign.includes(cutLine(wish.subject));
  }

  /** Whether a resource finds an entry that was there before: nobody claims it, or one of those who do has found it too. */
  isFoundBy(wish: Pick<Wish, "label" | "subject">, content: string): boolean {
    const others = this.wishes.filter((other) => other.label !== wish.label && isSame(other.subject, wish.subject));
    return !this.isCovered(wish, content) || others.some(({ lined, isFound }) => lined === content && isFound);
  }

  /**
   * A resource was written.
   *
   * @param found whether what it is to say was there, and nobody's; undefined: its entry is the one that it had.
   */
  written(label: string, args: MappingArgs, isStrict: boolean, found: boolean | undefined): void {
    const { arn, account } = args;
    const subject = account === undefined ? { arn: arn ?? "" } : { account };
    const said = contentOf(args);
    const old = this.#wishes.get(label);
    const isFound = found ?? (old?.lined !== undefined && old.isFound);
    this.#wishes.set(label, { label, subject, said, lined: said, isWanting: true, isStrict, isFound });
  }

  /** Removes a resource and its claim. */
  removed(label: string): void {
    this.#wishes.delete(label);
  }

  /**
   * Contents of a principal are not in the map any more.
   *
   * @param by whose doing it is; undefined: it was done by hand.
   * @param isAdopted whether the entries were taken over, and the claims of others with them.
   */
  lost(subject: Subject, contents: readonly string[], by: string | undefined, isAdopted: boolean): void {
    for (const wish of this.wishes) {
      if (wish.label === by || !isSame(wish.subject, subject)) {
        continue;
      }
      if (contents.includes(wish.said)) {
        wish.isWanting = false;
      }
      if (isAdopted && wish.lined !== undefined && contents.includes(wish.lined)) {
        wish.lined = undefined;
      }
    }
    if (isAdopted && contents.length > 0) {
      this.foreign = this.foreign.filter((line) => line !== cutLine(subject));
    }
  }

  /** What is wrong with a record, one sentence each. */
  recordProblems(record: string | undefined): string[] {
    const lines = record?.split("\n") ?? [];
    const isOf = (line: string, { label }: Wish) => line.endsWith(` ${label}`);
    const foreign = lines.filter((line) => !this.wishes.some((wish) => isOf(line, wish)));
    const fingerprints = new Map<string, string>();
    const problems = this.wishes.flatMap((wish) => {
      const own = lines.filter((line) => isOf(line, wish));
      if (own.length !== (wish.lined === undefined ? 0 : 1)) {
        return [`${own.length} lines of ${wish.label}:\n${record}`];
      }
      const [principal, fingerprint = "", id = ""] = own[0]?.split(" ") ?? [];
      if (own.length > 0 && id.endsWith(":found") !== wish.isFound) {
        return [`whether the entry of ${wish.label} was found:\n${record}`];
      }
      if (wish.lined === undefined || wish.lined === blurred) {
        return [];
      }
      const known = fingerprints.get(wish.lined) ?? fingerprint;
      fingerprints.set(wish.lined, known);
      const isRight = principal === shortPrincipal(wish.subject) && known === fingerprint;
      return isRight ? [] : [`the line of ${wish.label} is for something else:\n${record}`];
    });
    if (new Set(fingerprints.values()).size < fingerprints.size) {
      problems.push(`one fingerprint for two:\n${record}`);
    }
    if (foreign.join("\n") !== this.foreign.join("\n")) {
      problems.push(`foreign lines are not what they were:\n${this.foreign.join("\n")}\n=====\n${foreign.join("\n")}`);
    }
    return problems;
  }
}

/** A line of which somebody left the principal alone, so that it counts for all that the principal has. */
export function cutLine(subject: Subject): string {
  return `${shortPrincipal(subject)} ???`;
}

export function isSame(a: Subject, b: Subject): boolean {
  return shortPrincipal(a) === shortPrincipal(b);
}

function shortPrincipal({ arn = "", account }: Subject): string {
  return account ?? arn.toLowerCase().replace("arn:aws:iam::", "");
}
