/**
 * Text from a map, a file or a server as a terminal may show it: whatever could move the cursor, change colours, reorder or break lines
 * is shown as an escape such as `\u001b`, half a pair at a time, so that the escapes of JSON stay escapes of JSON.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escapes);
}

/** The same for a text whose line breaks are meant. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (characters) => (characters === "\n" ? characters : escapes(characters)));
}

function escapes(characters: string): string {
  return Array.from({ length: characters.length }, (_, index) => {
    return `\\u${characters.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

// Control and format characters (bidirectional ones included), lone surrogates, line and paragraph separators.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
