import { closestOf } from "../text";

/** The templates that the authenticator expands in usernames and groups, in their exact spelling. */
export const knownTemplates = [
  "{{EC2PrivateDNSName}}",
  "{{AccountID}}",
  "{{SessionName}}",
  "{{SessionNameRaw}}",
  "{{AccessKeyID}}",
] as const;

/** A `{{...}}` that the authenticator does not expand. */
export interface UnknownTemplate {
  /** As written, braces included. */
  readonly text: string;
  /** The known template that was probably meant. */
  readonly suggestion: string | undefined;
}

/** Finds every unknown `{{...}}` in a username or group, including unclosed ones. */
export function unknownTemplates(text: string): UnknownTemplate[] {
  const found = text.match(/\{\{(?!\{)[^{}]*\}{0,2}/g) ?? [];
  return found
    .filter((template) => !knownTemplates.some((known) => known === template))
    .map((template) => ({ text: template, suggestion: nearestTemplate(template) }));
}

/** Compares without case, spaces and braces, which are often wrong and do not distinguish templates. */
function nearestTemplate(template: string): string | undefined {
  const nearest = closestOf(letters(template), knownTemplates.map(letters));
  return knownTemplates.find((known) => letters(known) === nearest);
}

function letters(template: string): string {
  return template.toLowerCase().replace(/[^a-z0-9]/g, "");
}
