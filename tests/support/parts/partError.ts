/** What a session says when it cannot get a part: one line with the problem and the remedies; shown without a stack. */
export class PartError extends Error {
  override readonly name = "PartError";
}

/** Tells the person at the terminal what is going on. On stderr, because stdout carries the one line of JSON. */
export function progress(text: string): void {
  process.stderr.write(`parts: ${text}\n`);
}
