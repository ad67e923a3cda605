/** What a session says when it cannot get a part: one line with the problem and the remedies; shown without a stack. */
export class PartError extends Error {
  override readonly name = "PartError";
}
