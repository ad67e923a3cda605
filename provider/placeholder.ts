/** Text that a template engine, a shell or a person should have replaced. */
const placeholder = /\$\{[^{}]*\}|\{\{[^{}]*\}\}|<[A-Za-z][\w -]*>/;

/** A word in capitals instead of an account ID. */
const accountWord = /(?<=::)[A-Z][A-Z_]*(?=:)|^[A-Z][A-Z_]*$/;

/** The first placeholder in a string: `${...}`, `{{ ... }}` or `<ACCOUNT_ID>`; undefined if there is none. */
export function placeholderIn(text: string): string | undefined {
  return placeholder.exec(text)?.[0];
}

/** The same for an ARN or an account, in which a word such as `ACCOUNT_ID` is a placeholder too. */
export function placeholderInArn(text: string): string | undefined {
  return placeholderIn(text) ?? accountWord.exec(text)?.[0];
}

/** Describes a value with a placeholder, and the remedy. */
export function describePlaceholder(subject: string, found: string): string {
  return `${subject} has the placeholder ${found}; expand it first`;
}
