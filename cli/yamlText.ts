import { Document, type SchemaOptions, visit } from "yaml";
import { printableLines } from "../provider/text";

/**
 * YAML as eksctl prints it: lists not indented, and quoted what a reader of YAML 1.1 would take for another type. A string with
 * anything that a terminal must not get is double-quoted, the only style that has escapes.
 */
export function yamlText(value: unknown, options: Pick<SchemaOptions, "sortMapEntries"> = {}): string {
  const document = new Document(value, { ...options, compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && printableLines(node.value) !== node.value) {
        node.type = "QUOTE_DOUBLE";
      }
    },
  });
  return printableLines(document.toString({ indentSeq: false, lineWidth: 0 }));
}
