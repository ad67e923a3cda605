import { Document, type SchemaOptions, visit } from "yaml";
import { printableLines } from "../provider/text/text";

/**
 * YAML as eksctl prints it: lists are not indented, and strings that YAML 1.1 would read as another type are quoted. Strings with
 * characters that could control a terminal are double-quoted, since only that style has escapes.
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
