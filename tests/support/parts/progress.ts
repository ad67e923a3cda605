/** Tells the person at the terminal what is going on. On stderr, because stdout carries the one line of JSON. */
export function progress(text: string): void {
  process.stderr.write(`parts: ${text}\n`);
}

/** Repeats `text` with the elapsed seconds twice a minute until the returned function is called, so a long build never looks hung. */
export function keepSaying(text: string): () => number {
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const timer = setInterval(() => progress(`${text}, ${seconds()} s`), 30_000);
  timer.unref();
  return () => {
    clearInterval(timer);
    return seconds();
  };
}
