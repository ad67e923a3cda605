/** What is wrong with a value, for display as one sentence. */
export interface Problem<Code extends string = string, Place = string> {
  /** The kind of problem, to branch on. */
  readonly code: Code;
  /** Where it is: a property of a mapping, or an entry of the map. */
  readonly place: Place;
  /** A clause with the value and the rule. */
  readonly text: string;
  /** A clause with what to do; undefined for a note that needs no action. */
  readonly remedy?: string;
}

/** The sentence of a problem. */
export function describeProblem({ text, remedy }: Pick<Problem, "text" | "remedy">): string {
  return remedy === undefined ? text : `${text}; ${remedy}`;
}
