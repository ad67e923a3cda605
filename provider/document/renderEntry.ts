import type { Mapping } from "../mapping/mapping";
import { arnField, type DataKey } from "./entry";
import type { FieldName } from "./entryNode";
import { renderScalar } from "./quote";
import type { EntryStyle } from "./style";

/** Writes a new entry's lines in a style, the last line break included. */
export function renderEntry(key: DataKey, mapping: Mapping, style: EntryStyle): string {
  if (mapping.kind === "account") {
    // Always in quotes: readers other than the authenticator's take the digits for a number.
    return `${style.dash}${renderScalar(mapping.account, style.quotes.arn === "single" ? "single" : "double")}${style.lineBreak}`;
  }
  const values: Record<FieldName, string | readonly string[] | undefined> = {
    arn: mapping.arn,
    username: mapping.username || undefined,
    groups: mapping.groups.length > 0 ? mapping.groups : undefined,
  };
  const fields = style.order.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [renderField(key, name, value, style)];
  });
  if (style.isFlow) return `${style.dash}{${fields.join(", ")}}${style.lineBreak}`;
  return `${style.dash}${fields.join(`${style.lineBreak}${style.indent}`)}${style.lineBreak}`;
}

/** Writes one field without indentation and final line break; the further lines of block groups have theirs. */
export function renderField(
  key: DataKey,
  name: FieldName,
  value: string | readonly string[],
  style: EntryStyle,
): string {
  const context = style.isFlow ? "flow" : "block";
  const label = renderScalar(name === "arn" ? arnField(key) : name, style.keyQuote, context);
  if (typeof value === "string") return `${label}: ${renderScalar(value, style.quotes[name], context)}`;
  const { groupDash } = style;
  if (style.isFlow || groupDash === undefined) {
    return `${label}: [${value.map((group) => renderScalar(group, style.quotes.groups, "flow")).join(", ")}]`;
  }
  const lines = value.map((group) => `${style.lineBreak}${groupDash}${renderScalar(group, style.quotes.groups)}`);
  return `${label}:${lines.join("")}`;
}
