/** A group that was written. Times are in milliseconds. */
interface Group {
  /** With the read before it, if the map had to be read. */
  readonly writeTime: number;
  /** The two longest pauses before its changes, the longest first; fewer if it has fewer. */
  readonly longestPauses: readonly number[];
  /** The pauses between those that arrived one after the other, without a write in between. */
  readonly pauses: Pauses;
}

/** Some pauses, in milliseconds. */
interface Pauses {
  readonly count: number;
  readonly sum: number;
  readonly longest: number;
}

const noPauses: Pauses = { count: 0, sum: 0, longest: 0 };

/** How many groups show the pace of the engine. */
const remembered = 4;

/** How many groups in a row wait for just all, after one that could leave out changes or expect one more, and waited in vain. */
const fullGroups = 16;

/**
 * The least and the most to wait for a change of those that the last groups showed, in milliseconds; and the most where the engine takes so
 * long to save a large state.
 */
const patienceLimits = { least: 10, most: 250, mostForSaves: 1_000 };

/**
 * The pace of the engine and of the cluster, which decides for how many changes a group waits, and for how long.
 *
 * The engine has a limited number of changes in progress. It sends them one by one, since it saves its state before each, and after.
 * Without a wait most writes would contain only one change, and each write sends the whole map. If a group contained all that are in
 * progress, the engine would have nothing to do during its write. So a group waits for all but those that arrive during its write.
 *
 * That does not fit a program whose mappings depend on each other in layers: the changes that a group leaves out are the last ones of a
 * layer, and the engine sends no others until they are written. A group that waits in vain shows that.
 *
 * While the engine takes longer to send a change than the cluster to write one, no two are in progress at once, though more might be. If
 * one comes soon after a write, its group waits for one more than the last groups showed.
 */
export class Pace {
  /** The last groups. */
  #groups: readonly Group[] = [];
  /** The most changes in progress with each of the last groups that could contain all. */
  #peaks: readonly number[] = [];
  /** Whether the next group may leave out changes: the last one showed no more in progress, and did not wait in vain. */
  #isPartial = false;
  /** Whether the last group waited in vain. */
  #isAfterVain = false;
  /** How many of the next groups wait for just all. */
  #fullLeft = 0;
  /** Whether the group that is being gathered waits for one more than all. */
  #isOneMore = false;
  /**
   * How many questions about resources have arrived without a change after them; negative after changes without a question, until the next
   * question. The engine asks in a check, before it creates or updates a resource, and in a refresh.
   */
  #expected = 0;
  /** When the last change arrived, or the last write ended if that was later: a pause begins there. */
  #lastEvent = performance.now();
  /** Of the group that is being gathered. */
  #peak = 0;
  #longestPauses: readonly number[] = [];
  #pauses = noPauses;
  #isAfterWrite = true;

  /** The engine asks about a resource, whose change may follow. */
  questionArrives(): void {
    this.#expected = Math.max(0, this.#expected) + 1;
  }

  /** @param inProgress how many changes are in progress, with the one that arrives. */
  changeArrives(inProgress: number): void {
    const pause = this.#passed();
    this.#expected--;
    if (this.#isAfterWrite && this.#fullLeft === 0 && this.#leftOut === 0) {
      this.#isOneMore = pause < this.#soon;
    }
    this.#peak = Math.max(this.#peak, inProgress);
    if (!this.#isAfterWrite) {
      const { count, sum, longest } = this.#pauses;
      this.#pauses = { count: count + 1, sum: sum + pause, longest: Math.max(longest, pause) };
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
   * @param waiting how many changes wait for the next write.
   */
  groupIsWritten(writeTime: number, isInVain: boolean, waiting: number): void {
    const isMore = this.#peak > Math.max(...this.#peaks);
    if (isMore || isInVain || !this.#isPartial) {
      this.#peaks = [...this.#peaks, this.#peak].slice(-remembered);
    }
    this.#fullLeft = this.#isPartial && isInVain ? fullGroups : Math.max(0, this.#fullLeft - 1);
    this.#isOneMore = false;
    this.#isPartial = !isMore && !isInVain && this.#fullLeft === 0;
    this.#isAfterVain = isInVain;
    const group = { writeTime, longestPauses: this.#longestPauses, pauses: this.#pauses };
    this.#groups = [...this.#groups, group].slice(-remembered);
    this.#peak = waiting;
    this.#longestPauses = [];
    this.#pauses = noPauses;
    this.#passed();
    this.#isAfterWrite = true;
  }

  /** For how many changes the next group waits. The first one waits for none. */
  get groupSize(): number {
    return this.#all - this.#leftOut + (this.#isOneMore ? 1 : 0);
  }

  /** How many were in progress at most, with the last groups that could contain all. */
  get #all(): number {
    return Math.max(0, ...this.#peaks);
  }

  /** How many of those the next group leaves out. */
  get #leftOut(): number {
    const { writeTime, pauses } = this.#groups.at(-1) ?? {};
    if (!this.#isPartial || !writeTime || !pauses?.sum) {
      return 0;
    }
    const duringWrite = Math.ceil(writeTime / (pauses.sum / pauses.count));
    // If those are most of them, the write is what takes the time, and full groups take the fewest writes.
    return duringWrite > this.#all / 2 ? 0 : duringWrite;
  }

  /** How long it still waits for the next change, in milliseconds: its patience, less what has passed since the last change or write. */
  get timeLeft(): number {
    return Math.max(0, this.#patience - (performance.now() - this.#lastEvent));
  }

  /**
   * How long it waits for the next change, in milliseconds: twice the longest pause of the last groups, within the limits. Most groups have
   * one long pause, while the engine saves the results of the write before. Once there was one more than half as long, and longer than all
   * others, it waits for twice the longest of the others; and also once as many changes as questions have arrived, since an engine that has
   * more to send asks again after one save. For one more than all it waits no longer than for a change that comes soon.
   */
  get #patience(): number {
    if (this.#isOneMore && this.#peak >= this.#all) {
      return this.#soon;
    }
    const longest = this.#longest;
    const other = Math.max(0, ...this.#groups.map(({ longestPauses: [first = 0, second = first] }) => second));
    const [latest = 0] = this.#longestPauses;
    const pause = this.#expected === 0 || latest > Math.max(other, longest / 2) ? other : longest;
    return Math.min(Math.max(2 * pause, patienceLimits.least), this.#mostPatience);
  }

  /** The longest pause of the last groups, in milliseconds. A longer one than the most to wait is none of the engine's own. */
  get #longest(): number {
    const longest = Math.max(0, ...this.#groups.map(({ longestPauses: [first = 0] }) => first));
    return Math.min(longest, this.#mostPatience);
  }

  /**
   * The most to wait, in milliseconds: twice as long as the engine takes to save as many results as there were changes in progress, within
   * the limits. It takes as long for one as between two changes, the longest pause aside, in which it saved the results. After a group that
   * waited in vain there may be nothing to wait for, so the next one does not wait that long again.
   */
  get #mostPatience(): number {
    if (this.#isAfterVain) {
      return patienceLimits.most;
    }
    const saveTimes = this.#groups.map(({ pauses: { count, sum, longest } }) =>
      count < 2 ? 0 : (sum - longest) / (count - 1),
    );
    const most = Math.max(patienceLimits.most, 2 * this.#all * Math.max(0, ...saveTimes));
    return Math.min(most, patienceLimits.mostForSaves);
  }

  /** A change after a shorter pause than this, in milliseconds, comes soon: that is not the long pause of a group. */
  get #soon(): number {
    return this.#longest / 2;
  }

  /** The time since the last event, in milliseconds. Restarts the measurement. */
  #passed(): number {
    const [before, now] = [this.#lastEvent, performance.now()];
    this.#lastEvent = now;
    return now - before;
  }
}
