/** What differs from run to run, and what stands for it in a transcript. */
const varying: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The engine's times.
  [/^(Duration: ).*$/gm, "$1<time>"],
  [/ \(\d+(?:\.\d+)?s\)(?= |$)/gm, ""],
  // Where the language host of the tests was found.
  [/^.*warning: using \S+ from \$PATH at .*\n/gm, ""],
  // What the engine prints of a cluster that is slow to answer.
  [/^.* waiting for .* to (?:respond|accept a write)\b.*\n/gm, ""],
  [/(127\.0\.0\.1|localhost|\[::1\]):\d+/g, "$1:<port>"],
  // When a review was made, for programs and for people.
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>"],
  [/\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d UTC/g, "<time>"],
  // The ID of a claim: in the record of a map, and in the tag of an access entry.
  [/^( *\d{12}:\S+ \S+ )[a-z0-9]+((?::found)? )/gm, "$1<id>$2"],
  [/(pulumi-aws-auth\/claims\/)[a-z0-9]+/g, "$1<id>"],
];

/** A text of which nothing is left that differs from run to run. */
export function steady(text: string, own: readonly (readonly [from: string, to: string])[] = []): string {
  const named = own.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  return varying.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), named);
}
