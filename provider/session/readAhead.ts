import { claimsIn, type LiveAccessEntry } from "../accessEntries";

/** How many entries show whose most entries of the cluster are. */
const sampleSize = 8;

/**
 * How many access entries of a list to read before anybody asks for them. The engine asks for one resource after the other, so a stack
 * of many would wait for one call after the other. As many are read ahead as were asked for so far: a few cost little. Once it shows
 * that most entries of the cluster are claimed by the stack that asks, all are read.
 */
export class ReadAhead {
  readonly #asked = new Set<string>();
  /** The stacks whose claims are on what was asked for. */
  readonly #stacks = new Set<string>();
  /** The stacks whose claims are on each entry that was read ahead. */
  readonly #sample: (readonly string[])[] = [];
  #isMostlyOwn = false;

  /** How many principals were asked for. */
  get asked(): number {
    return this.#asked.size;
  }

  /** How many entries at the beginning of a list of this length to read. */
  reach(length: number): number {
    return this.#isMostlyOwn ? length : Math.min(this.#asked.size, length);
  }

  /** Somebody asks for the entries of a principal. */
  ask(principal: string): void {
    this.#asked.add(principal);
  }

  /** These are the entries that somebody asked for. */
  tell(entries: readonly LiveAccessEntry[]): void {
    if (this.#isMostlyOwn) {
      return;
    }
    for (const stack of entries.flatMap(stacksOf)) {
      this.#stacks.add(stack);
    }
    const own = this.#sample.filter((stacks) => stacks.some((stack) => this.#stacks.has(stack)));
    this.#isMostlyOwn = this.#sample.length >= sampleSize && 2 * own.length > this.#sample.length;
  }

  /** This is an entry that was read ahead. */
  see(entry: LiveAccessEntry): void {
    this.#sample.push(stacksOf(entry));
  }
}

/** The labels of claims are `organization/project/stack name`. */
function stacksOf({ tags }: LiveAccessEntry): string[] {
  return claimsIn(tags).flatMap(({ label }) => /^\S+(?= )/.exec(label)?.[0] ?? []);
}
