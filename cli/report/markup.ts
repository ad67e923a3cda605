import { printable } from "../../provider/text/text";

/** A piece of a page. Only {@link markup} makes one, so that no text gets into a page as it is. */
class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type { Markup };

/** What may stand in a template: text is escaped, and a list is put together. */
type Part = string | number | Markup | readonly Markup[];

/** A piece of a page: everything that is put into the template is escaped, unless it is a piece itself. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((string, index) => string + sourceOf(parts[index] ?? "")).join(""));
}

function sourceOf(part: Part): string {
  if (typeof part === "string" || typeof part === "number") {
    return escaped(String(part));
  }
  return part instanceof Markup ? part.source : part.map(({ source }) => source).join("");
}

/** Control characters and those that turn the direction of text are shown as escapes, as in a terminal. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What the package itself writes into a page as it is: its style, which says nothing of a report but our own words. */
export function own(source: string): Markup {
  return new Markup(source);
}
