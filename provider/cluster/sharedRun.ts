/** A run whose outcome all get who ask for it while it lasts. It goes on until nobody waits for it any more. */
export class SharedRun<T> {
  #pending:
    | { readonly outcome: Promise<T>; readonly waiting: Set<AbortSignal>; readonly end: AbortController }
    | undefined;

  get isRunning(): boolean {
    return this.#pending !== undefined;
  }

  /**
   * The outcome of the present run, or of a new one.
   *
   * @param signal gives up waiting; the run's own signal is that of the last who does.
   */
  join(signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#pending ??= this.#start(run);
    const { outcome, waiting, end } = this.#pending;
    waiting.add(signal);
    signal.addEventListener("abort", () => {
      waiting.delete(signal);
      if (waiting.size === 0) {
        end.abort(signal.reason);
      }
    });
    return outcome;
  }

  #start(run: (signal: AbortSignal) => Promise<T>) {
    const end = new AbortController();
    const outcome = run(end.signal).finally(() => {
      this.#pending = undefined;
    });
    return { outcome, waiting: new Set<AbortSignal>(), end };
  }
}
