import { contentOf } from "../support/authenticator/handEdits.ts";
import type { MappingArgs, Subject } from "../support/authenticator/simulatedProgram.ts";

/** A resource of a stack, as far as the map and its record are concerned. */
export interface Wish {
  readonly label: string;
  readonly subject: Subject;
  /** What its state says of the entry, in the form of `contentOf`. */
  said: string;
  /** What its line in the record is for; {@link blurred} for what nothing says, undefined where it has no line. */
  lined: string | undefined;
  /** Whether nobody took its entry away since it was last written. */
  isWanting: boolean;
  /** Whether it refuses other entries of its principal. */
  isStrict: boolean;
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
    if (wish === undefined) throw new RangeError(`nobody is ${label}`);
    return wish;
  }

  /** What a create comes to. */
  creating(args: MappingArgs, contents: readonly string[]): Expected {
    const desired = contentOf(args);
    if (args.adopt) return { contents: [desired] };
    const isRefused = args.noDuplicateARNs !== false && contents.some((content) => content !== desired);
    if (isRefused) return { refusal: "duplicateArn" };
    return { contents: contents.includes(desired) ? contents : [...contents, desired] };
  }

  /** What an `up` of a resource that is in the state comes to. */
  updating(wish: Wish, args: MappingArgs, contents: readonly string[]): Expected {
    const desired = contentOf(args);
    const isCovered = (content: string) => this.isCovered(wish, content);
    const free = contents.filter((content) => !isCovered(content));
    const isSure = args.noDuplicateARNs !== false || wish.lined !== undefined;
    const only = !args.adopt && isSure && free.length === 1 ? free[0] : undefined;
    const known = [wish.said, desired, wish.lined].find(
      (content) => content !== undefined && contents.includes(content),
    );
    const own = known ?? only;
    const isTaken = own === undefined ? contents.some(isCovered) : own !== desired && isCovered(own);
    const isHeld = own !== undefined && own !== desired && isCovered(own) && !args.adopt;
    if (wish.lined === undefined ? isTaken : isHeld) return { refusal: "claimed" };
    if (args.adopt) return { contents: [desired] };
    const rest = own === undefined ? contents : contents.toSpliced(contents.lastIndexOf(own), 1);
    if (args.noDuplicateARNs !== false && rest.some((content) => content !== desired))
      return { refusal: "duplicateArn" };
    return { contents: own !== desired && rest.includes(desired) ? rest : [...rest, desired] };
  }

  /** What a delete comes to. */
  removing(wish: Wish, contents: readonly string[]): Expected {
    const target = [wish.said, wish.lined].find((content) => content !== undefined && contents.includes(content));
    if (target !== undefined) {
      if (this.isCovered(wish, target)) return { contents };
      return { contents: contents.toSpliced(contents.lastIndexOf(target), 1) };
    }
    const free = contents.filter((content) => !this.isCovered(wish, content));
    const isSure = wish.isStrict || wish.lined !== undefined;
    return free.length === 1 && isSure ? { refusal: "changedOutside" } : { contents };
  }

  /** Whether somebody besides a resource has a line for what an entry says. */
  isCovered(wish: Wish, content: string): boolean {
    const others = this.wishes.filter((other) => other !== wish && isSame(other.subject, wish.subject));
    return others.some(({ lined }) => lined === content) || this.foreign.some((line) => line === cutLine(wish.subject));
  }

  /** A resource was written. */
  written(label: string, args: MappingArgs): void {
    const { arn, account } = args;
    const subject = account === undefined ? { arn: arn ?? "" } : { account };
    const said = contentOf(args);
    const isStrict = args.noDuplicateARNs !== false;
    this.#wishes.set(label, { label, subject, said, lined: said, isWanting: true, isStrict });
  }

  /** A resource is gone, and so is its line. */
  removed(label: string): void {
    this.#wishes.delete(label);
  }

  /** Contents of a principal are not in the map any more, other than by the doing of those who wanted them. */
  lost(subject: Subject, contents: readonly string[], isAdopted: boolean): void {
    for (const wish of this.wishes) {
      if (!isSame(wish.subject, subject)) continue;
      if (contents.includes(wish.said)) wish.isWanting = false;
      if (isAdopted && wish.lined !== undefined && contents.includes(wish.lined)) wish.lined = undefined;
    }
    if (isAdopted && contents.length > 0) this.foreign = this.foreign.filter((line) => line !== cutLine(subject));
  }

  /** What is wrong with a record, one sentence each. */
  recordFaults(record: string | undefined): string[] {
    const lines = record?.split("\n") ?? [];
    const isOf = (line: string, { label }: Wish) => line.endsWith(` ${label}`);
    const foreign = lines.filter((line) => !this.wishes.some((wish) => isOf(line, wish)));
    const fingerprints = new Map<string, string>();
    const faults = this.wishes.flatMap((wish) => {
      const own = lines.filter((line) => isOf(line, wish));
      if (own.length !== (wish.lined === undefined ? 0 : 1))
        return [`${own.length} lines of ${wish.label}:\n${record}`];
      const [principal, fingerprint = ""] = own[0]?.split(" ") ?? [];
      if (wish.lined === undefined || wish.lined === blurred) return [];
      const known = fingerprints.get(wish.lined) ?? fingerprint;
      fingerprints.set(wish.lined, known);
      const isRight = principal === shortPrincipal(wish.subject) && known === fingerprint;
      return isRight ? [] : [`the line of ${wish.label} is for something else:\n${record}`];
    });
    if (new Set(fingerprints.values()).size < fingerprints.size) faults.push(`one fingerprint for two:\n${record}`);
    if (foreign.join("\n") !== this.foreign.join("\n")) {
      faults.push(`foreign lines are not what they were:\n${this.foreign.join("\n")}\n=====\n${foreign.join("\n")}`);
    }
    return faults;
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
