/** A group that was written. Times are in milliseconds. */
interface Group {
  readonly writeTime: number;
  /** The two longest pauses between its changes, the longest first; fewer if it has fewer. */
  readonly longestPauses: readonly number[];
  /** The mean pause between those that arrived one after the other, without a write in between; undefined if no two did. */
  readonly meanPause: number | undefined;
}

/** How many groups show the pace of the engine. */
const remembered = 4;

/** How many groups in a row wait for all after one that left out changes, and then waited for others in vain. */
const fullGroups = 16;

/** The least and the most to wait for a further change, in milliseconds. */
const patienceLimits = { least: 10, most: 250 };

/**
 * The pace of the engine and of the cluster, which decides for how many changes a group waits, and for how long.
 *
 * The engine has a limited number of changes in progress. It sends them one by one, since it saves its state before each, and after.
 * Without a wait most writes would contain only one change, and each write sends the whole map. If a group contained all that are in
 * progress, the engine would have nothing to do during its write. So a group waits for all but those that arrive during its write.
 *
 * That does not fit a program whose mappings depend on each other in layers: the changes that a group leaves out are the last ones of a
 * layer, and the engine sends no others until they are written. A group that waits in vain shows that.
 */
export class Pace {
  /** The last groups. */
  #groups: readonly Group[] = [];
  /** The most changes in progress with each of the last groups that could contain all. */
  #peaks: readonly number[] = [];
  /** Whether the next group leaves out changes: the last one showed no more in progress, and did not wait in vain. */
  #isPartial = false;
  /** How many of the next groups wait for all in any case. */
  #fullLeft = 0;
  /** When the last change arrived, or the last write ended if that was later: a pause begins there. */
  #lastEvent = performance.now();
  /** Of the group that is being gathered. */
  #peak = 0;
  #longestPauses: readonly number[] = [];
  #pauses = { sum: 0, count: 0 };
  #isAfterWrite = true;

  /** @param inProgress how many changes are in progress, with the one that arrives. */
  changeArrives(inProgress: number): void {
    const pause = this.#passed();
    this.#peak = Math.max(this.#peak, inProgress);
    if (!this.#isAfterWrite) {
      this.#pauses.sum += pause;
      this.#pauses.count++;
    }
    // Before its first change the engine does something else.
    if (!this.#isAfterWrite || this.#groups.length > 0) {
      this.#longestPauses = [...this.#longestPauses, pause].sort((a, b) => b - a).slice(0, 2);
    }
    this.#isAfterWrite = false;
  }

  /**
   * @param writeTime how long the write took.
   * @param isInVain whether the group waited for more changes than arrived.
   * @param waiting how many changes have arrived since the write began.
   */
  groupIsWritten(writeTime: number, isInVain: boolean, waiting: number): void {
    const isMore = this.#peak > Math.max(...this.#peaks);
    if (isMore || isInVain || !this.#isPartial) {
      this.#peaks = [...this.#peaks, this.#peak].slice(-remembered);
    }
    this.#fullLeft = this.#isPartial && isInVain ? fullGroups : Math.max(0, this.#fullLeft - 1);
    this.#isPartial = !isMore && !isInVain && this.#fullLeft === 0;
    const { sum, count } = this.#pauses;
    const meanPause = count === 0 ? undefined : sum / count;
    const group = { writeTime, longestPauses: this.#longestPauses, meanPause };
    this.#groups = [...this.#groups, group].slice(-remembered);
    this.#peak = waiting;
    this.#longestPauses = [];
    this.#pauses = { sum: 0, count: 0 };
    this.#passed();
    this.#isAfterWrite = true;
  }

  /** For how many changes the next group waits. The first one waits for none. */
  get groupSize(): number {
    const all = Math.max(0, ...this.#peaks);
    const { writeTime, meanPause } = this.#groups.at(-1) ?? {};
    if (!this.#isPartial || !writeTime || !meanPause) {
      return all;
    }
    const duringWrite = Math.ceil(writeTime / meanPause);
    // If those are most of them, the write is what takes the time, and full groups take the fewest writes.
    return duringWrite > all / 2 ? all : all - duringWrite;
  }

  /**
   * How long it waits for the next change, in milliseconds: twice the longest pause of the last groups, within the limits. Most groups have
   * one long pause, while the engine saves the results of the write before. Once there was one more than half as long, and longer than all
   * others, it waits for twice the longest of the others.
   */
  get patience(): number {
    const longest = Math.max(0, ...this.#groups.map(({ longestPauses: [first = 0] }) => first));
    const other = Math.max(0, ...this.#groups.map(({ longestPauses: [first = 0, second = first] }) => second));
    const [latest = 0] = this.#longestPauses;
    const expected = latest > Math.max(other, longest / 2) ? other : longest;
    return Math.min(Math.max(2 * expected, patienceLimits.least), patienceLimits.most);
  }

  /** The time since the last event, in milliseconds. Restarts the measurement. */
  #passed(): number {
    const [before, now] = [this.#lastEvent, performance.now()];
    this.#lastEvent = now;
    return now - before;
  }
}
