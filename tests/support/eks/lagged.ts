/** How long a change stays unseen: for some time, and for some looks at it; both have to be over. */
export interface Lag {
  /** Default 0. */
  readonly milliseconds?: number;
  /** Default 0. */
  readonly reads?: number;
}

/** Who looks: the calls of the API, or the cluster's authenticator. Each counts its own looks. */
export type Reader = "calls" | "authenticator";

interface Version<T> {
  readonly value: T;
  readonly since: number;
  readonly reads: Record<Reader, number>;
}

/** A value whose changes are seen late. */
export class Lagged<T> {
  readonly #versions: [Version<T>, ...Version<T>[]];

  /** @param initial is seen at once. */
  constructor(initial: T) {
    this.#versions = [versionOf(initial, Number.NEGATIVE_INFINITY)];
  }

  /** The value without any lag. */
  get latest(): T {
    return (this.#versions.at(-1) ?? this.#versions[0]).value;
  }

  /** @param now in milliseconds */
  write(value: T, now: number): void {
    this.#versions.push(versionOf(value, now));
  }

  /** What a reader sees; counts as one look at every change that it does not see yet. */
  read(reader: Reader, now: number, { milliseconds = 0, reads = 0 }: Lag): T {
    const [initial, ...changes] = this.#versions;
    for (const version of changes.toReversed()) {
      if (version.since === Number.NEGATIVE_INFINITY) {
        return version.value;
      }
      if (now - version.since >= milliseconds && version.reads[reader] >= reads) {
        return version.value;
      }
      version.reads[reader] += 1;
    }
    return initial.value;
  }
}

function versionOf<T>(value: T, since: number): Version<T> {
  return { value, since, reads: { calls: 0, authenticator: 0 } };
}
