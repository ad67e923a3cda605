import { printableLines } from "../../provider/printable";

/** JSON as eksctl prints it: four blanks, and what Go escapes escaped, as is whatever a terminal must not get. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 4).replace(htmlCharacters, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `${printableLines(text)}\n`;
}

/** YAML as eksctl prints it, with sorted keys. */
export async function renderYaml(value: unknown): Promise<string> {
  const { yamlText } = await import("./yamlText.js");
  return yamlText(value, { sortMapEntries: true });
}

// encoding/json keeps its output safe for HTML.
const htmlCharacters = /[<>&]/g;
