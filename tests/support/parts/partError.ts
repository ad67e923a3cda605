/** A part is not available: one line with the problem and the remedies; shown without a stack. */
export class PartError extends Error {
  override readonly name = "PartError";
}

/** Reports progress to the user, on stderr because stdout contains only the line of JSON. */
export function progress(text: string): void {
  process.stderr.write(`parts: ${text}\n`);
}
