import { isMap, isScalar, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from "yaml";
import { withoutFinalBlanks } from "./blanks";
import { type KeyText, lineBreakOf, renderKeyText } from "./keyText";
import { parseKeyText } from "./parseKeyText";
import { renderScalar } from "./quote";
import { commentsIn } from "./tokens";
import { sameValue } from "./value";
import { unsupported } from "./verify";
import { readYaml } from "./yamlText";

/**
 * Rewrites a list in flow style, `[{...}]`, as a block list, field by field; each scalar keeps its source.
 *
 * @throws AwsAuthError `unsupportedEntry` for a list that cannot be rewritten with certainty.
 */
export function toBlock(text: KeyText): KeyText {
  const source = renderKeyText(text);
  const { root } = readYaml(source);
  if (root?.srcToken?.type !== "flow-collection" || !isSeq(root) || text.isLinked) throw unsupported(text, 0);
  const [start, end] = root.range;
  const lineBreak = lineBreakOf(source);
  const opening = withoutFinalBlanks(source.slice(0, start));
  const head = /^\ufeff?$/.test(opening) || opening.endsWith("\n") ? opening : opening + lineBreak;
  const remarks = commentsIn(root.srcToken).map((comment) => comment + lineBreak);
  const lines = (root as YAMLSeq.Parsed).items.map((item) => `- ${renderNode(source, item, "  ", lineBreak)}`);
  const rest = source.slice(end);
  // What stands behind the bracket, a comment perhaps, goes on standing behind the last line.
  const list = lines.join(lineBreak) + (rest === "" && source !== "" ? "" : rest);
  const block = parseKeyText(text.key, head + remarks.join("") + list);
  const isSame = block.layout === "list" && block.items.length === text.items.length;
  if (!isSame || !block.items.every((item, index) => sameValue(item.value, text.items[index]?.value ?? null)))
    throw unsupported(text, 0);
  // The entries stay the same objects, so that whoever found one before the rewrite still finds it.
  return {
    ...block,
    items: block.items.map((item, index) => ({ ...item, entry: text.items[index]?.entry ?? item.entry })),
  };
}

function renderNode(source: string, node: ParsedNode | null, indent: string, lineBreak: string): string {
  if (node === null) return "";
  if (isMap(node) && node.items.length > 0) {
    const pairs = (node as YAMLMap.Parsed).items.map(({ key, value }) => {
      const label = `${renderNode(source, key, indent, lineBreak)}:`;
      const isNested = (isMap(value) || isSeq(value)) && value.items.length > 0;
      const nested = isMap(value) ? `${indent}  ` : indent;
      if (!isNested) return `${label} ${renderNode(source, value, indent, lineBreak)}`.trimEnd();
      return `${label}${lineBreak}${nested}${renderNode(source, value, nested, lineBreak)}`;
    });
    return pairs.join(lineBreak + indent);
  }
  if (isSeq(node) && node.items.length > 0) {
    return (node as YAMLSeq.Parsed).items
      .map((item) => `- ${renderNode(source, item, `${indent}  `, lineBreak)}`)
      .join(lineBreak + indent);
  }
  const text = source.slice(node.range[0], node.range[1]);
  if (!/[\r\n]/.test(text)) return text;
  return isScalar(node) ? renderScalar(String(node.value), "double") : isMap(node) ? "{}" : "[]";
}
