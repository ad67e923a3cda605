import type { Mapping } from "../mapping/mapping";
import { arnField, type DataKey } from "./entry";
import type { FieldName } from "./entryNode";
import { spacedFlow } from "./flowStyle";
import { renderScalar } from "./quote";
import type { EntryStyle } from "./style";

/** Writes a new entry's lines in a style, the last line break included. */
export function renderEntry(key: DataKey, mapping: Mapping, style: EntryStyle): string {
  return `${style.dash}${renderValue(key, mapping, style)}${style.lineBreak}`;
}

/** Writes a new entry in a style, without its dash and final line break. */
export function renderValue(key: DataKey, mapping: Mapping, style: EntryStyle): string {
  if (mapping.kind === "account") {
    // Always in quotes: readers other than the authenticator's take the digits for a number.
    return renderScalar(mapping.account, style.quotes.arn === "single" ? "single" : "double");
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
  const { flow } = style;
  if (flow !== undefined) return `{${flow.open}${fields.join(flow.separator)}${flow.close}}`;
  return fields.join(`${style.lineBreak}${style.indent}`);
}

/** Writes one field without indentation and final line break; the further lines of block groups have theirs. */
export function renderField(
  key: DataKey,
  name: FieldName,
  value: string | readonly string[],
  style: EntryStyle,
): string {
  const { flow, groupDash } = style;
  const context = flow === undefined ? "block" : "flow";
  const { colon, groups } = flow ?? spacedFlow;
  const label = renderScalar(name === "arn" ? arnField(key) : name, style.keyQuote, context);
  if (typeof value === "string") return `${label}${colon}${renderScalar(value, style.quotes[name], context)}`;
  if (flow !== undefined || groupDash === undefined) {
    const items = value.map((group) => renderScalar(group, style.quotes.groups, "flow"));
    return `${label}${colon}[${groups.open}${items.join(groups.separator)}${groups.close}]`;
  }
  const lines = value.map((group) => `${style.lineBreak}${groupDash}${renderScalar(group, style.quotes.groups)}`);
  return `${label}:${lines.join("")}`;
}
