import { closestOf } from "../closest";

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

/** Case, blanks and braces are what is most often wrong, and say nothing about which template is meant. */
function nearestTemplate(template: string): string | undefined {
  const nearest = closestOf(letters(template), knownTemplates.map(letters));
  return knownTemplates.find((known) => letters(known) === nearest);
}

function letters(template: string): string {
  return template.toLowerCase().replace(/[^a-z0-9]/g, "");
}
