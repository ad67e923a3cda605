/** The templates that the authenticator fills in, in usernames and groups; spelt exactly so, without blanks. */
export const knownTemplates = [
  "{{EC2PrivateDNSName}}",
  "{{AccountID}}",
  "{{SessionName}}",
  "{{SessionNameRaw}}",
  "{{AccessKeyID}}",
] as const;

/** A `{{...}}` that the authenticator would leave as it stands. */
export interface UnknownTemplate {
  /** As written, braces included. */
  readonly text: string;
  /** The known template that was probably meant. */
  readonly suggestion: string | undefined;
}

/** Finds every `{{...}}` in a username or group that is no known template, unclosed ones included. */
export function unknownTemplates(text: string): UnknownTemplate[] {
  const found = text.match(/\{\{(?!\{)[^{}]*\}{0,2}/g) ?? [];
  return found
    .filter((template) => !knownTemplates.some((known) => known === template))
    .map((template) => ({ text: template, suggestion: nearestTemplate(template) }));
}

function nearestTemplate(template: string): string | undefined {
  const bare = letters(template);
  const near = knownTemplates
    .map((known) => ({ known, distance: editDistance(bare, letters(known)) }))
    .sort((a, b) => a.distance - b.distance)[0];
  // A third of the letters wrong is still a slip of the hand; more is another word.
  return near !== undefined && near.distance * 3 <= bare.length ? near.known : undefined;
}

function letters(template: string): string {
  return template.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
