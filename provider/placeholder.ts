/** What a template engine, a shell or a person has yet to replace. */
const placeholder = /\$\{[^{}]*\}|\{\{[^{}]*\}\}|<[A-Za-z][\w -]*>/;

/** A word in capitals in the place of an account. */
const accountWord = /(?<=::)[A-Z][A-Z_]*(?=:)|^[A-Z][A-Z_]*$/;

/** The first placeholder in a string: `${...}`, `{{ ... }}` or `<ACCOUNT_ID>`; undefined where there is none. */
export function placeholderIn(text: string): string | undefined {
  return placeholder.exec(text)?.[0];
}

/** The same in an ARN or an account, where a word such as `ACCOUNT_ID` is one as well. */
export function placeholderInArn(text: string): string | undefined {
  return placeholderIn(text) ?? accountWord.exec(text)?.[0];
}

/** What is wrong with a value that has a placeholder, and what to do. */
export function describePlaceholder(subject: string, found: string): string {
  return `${subject} has the placeholder ${found}; expand it first`;
}
