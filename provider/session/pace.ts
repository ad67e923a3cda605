/** A group that was written. Times are in milliseconds. */
interface Group {
  readonly writeTime: number;
  /** The longest pause between its changes. */
  readonly longestPause: number;
  /** The mean pause between those that arrived one after the other, without a write in between; undefined if no two did. */
  readonly meanPause: number | undefined;
}

/** How many groups show the pace of the engine. */
const remembered = 4;

/** How many groups in a row leave out changes. The next one contains all again, and shows how many there are by now. */
const partialGroups = 16;

/** The least and the most to wait for a further change, in milliseconds. */
const patience = { least: 10, most: 250 };

/**
 * The pace of the engine and of the cluster, which decides for how many changes a group waits, and for how long.
 *
 * The engine has a limited number of changes in progress. It sends them one by one, since it saves its state before each, and after.
 * Without a wait most writes would contain only one change, and each write sends the whole map. If a group contained all that are in
 * progress, the engine would have nothing to do during its write.
 */
export class Pace {
  #groups: readonly Group[] = [];
  /** How many changes were in progress at most with each of the last groups that could contain all. */
  #inProgress: readonly number[] = [];
  /** How many of the next groups leave out changes. */
  #partial = 0;
  /** Since the last group. */
  #mostInProgress = 0;
  #longestPause = 0;
  #pauses = { sum: 0, count: 0 };
  /** When the last change arrived or a group was written: the engine sends later changes only after that. */
  #lastEvent = performance.now();
  #isAfterWrite = true;

  /** @param inProgress how many changes are in progress, with the one that arrives. */
  changeArrives(inProgress: number): void {
    const pause = this.#passed();
    this.#mostInProgress = Math.max(this.#mostInProgress, inProgress);
    this.#longestPause = Math.max(this.#longestPause, pause);
    if (!this.#isAfterWrite) {
      this.#pauses.sum += pause;
      this.#pauses.count++;
    }
    this.#isAfterWrite = false;
  }

  /**
   * @param writeTime how long the write took.
   * @param isShort whether fewer changes arrived than the group waited for.
   * @param inProgress how many changes are in progress after it.
   */
  groupIsWritten(writeTime: number, isShort: boolean, inProgress: number): void {
    const isMore = this.#mostInProgress > Math.max(...this.#inProgress);
    if (isMore || isShort || this.#partial === 0) {
      this.#inProgress = [...this.#inProgress, this.#mostInProgress].slice(-remembered);
      this.#partial = isMore || isShort ? 0 : partialGroups;
    } else {
      this.#partial--;
    }
    const { sum, count } = this.#pauses;
    const group = { writeTime, longestPause: this.#longestPause, meanPause: count === 0 ? undefined : sum / count };
    this.#groups = [...this.#groups, group].slice(-remembered);
    this.#mostInProgress = inProgress;
    this.#longestPause = 0;
    this.#pauses = { sum: 0, count: 0 };
    this.#passed();
    this.#isAfterWrite = true;
  }

  /**
   * For how many changes the next group waits: for all that the engine has in progress but those that it sends during the write. If those
   * were most of them, the write is what takes the time, and full groups take the fewest writes.
   */
  get groupSize(): number {
    const inProgress = Math.max(...this.#inProgress);
    const { writeTime = 0, meanPause = 0 } = this.#groups.at(-1) ?? {};
    const duringWrite = Math.ceil(writeTime / meanPause);
    return this.#partial === 0 || duringWrite > inProgress / 2 ? inProgress : inProgress - duringWrite;
  }

  /** How long it waits for each further one, in milliseconds: twice the longest pause between changes of the last groups. */
  get patience(): number {
    const longest = Math.max(...this.#groups.map(({ longestPause }) => longestPause));
    return Math.min(Math.max(2 * longest, patience.least), patience.most);
  }

  /** The time since the last event, in milliseconds. Restarts the measurement. */
  #passed(): number {
    const [before, now] = [this.#lastEvent, performance.now()];
    this.#lastEvent = now;
    return now - before;
  }
}
