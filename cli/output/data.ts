/** JSON as eksctl prints it: four blanks, and what Go escapes escaped. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 4).replace(goEscaped, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `${text}\n`;
}

/** YAML as eksctl prints it: sorted keys, lists not indented, and quoted what a reader of YAML 1.1 would take for another type. */
export async function renderYaml(value: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(value, {
    compat: "yaml-1.1",
    indentSeq: false,
    lineWidth: 0,
    sortMapEntries: true,
    aliasDuplicateObjects: false,
  });
}

// encoding/json keeps its output safe for HTML; the rest is what a terminal must not get.
const goEscaped = /[<>&\u007f-\u009f\u2028\u2029]/g;
