/** The intended edit of a key's text. */
export type EditKind = "append" | "update" | "remove" | "adopt";

/** A range of a string. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** How many of the principal's entries an edit may change or remove, and how many it may add. */
const allowed: Readonly<Record<EditKind, readonly [lost: number, gained: number]>> = {
  append: [0, 1],
  update: [1, 1],
  remove: [1, 0],
  adopt: [Number.POSITIVE_INFINITY, 1],
};

/**
 * Describes the unwanted effect of an edit on a key's text; undefined if there is none. All text of other principals must be kept in order,
 * byte for byte. The comparison uses no product code.
 *
 * @param names matches the entries of the edited principal.
 */
export function unwantedChange(kind: EditKind, before: string, after: string, names: RegExp): string | undefined {
  if (before === after) {
    return undefined;
  }
  const [then, now] = [split(before, names), split(after, names)];
  const isOpen = !before.endsWith("\n");
  const outside = (text: string) => {
    const isEmpty = then.isEmpty || now.isEmpty;
    // If the edit removes the last entry, the line before it ends without a line break.
    return isEmpty ? remarksIn(text) : isOpen ? text.replace(/[\r\n]+$/, "") : text;
  };
  const [lost, gained] = [without(then.own, now.own).length, without(now.own, then.own).length];
  if (outside(then.others) !== outside(now.others)) {
    return "something else changed";
  }
  if (!isOpen && !after.endsWith("\n")) {
    return "the line break at the end is lost";
  }
  return lost > allowed[kind][0] || gained > allowed[kind][1] ? "more than one entry changed" : undefined;
}

/** The items of a block or flow list. Only lines, brackets and quotes are parsed. */
export function itemsIn(text: string): readonly Range[] {
  const open = /^(?:(?:[ \t]*(?:#.*)?|---)\r?\n)*[ \t]*\[/.exec(text)?.[0].length;
  return open === undefined ? itemsInLines(text) : itemsInBrackets(text, open);
}

/** Each item extends from its dash to its last line that is neither blank nor a comment. */
function itemsInLines(text: string): Range[] {
  const items: { start: number; end: number }[] = [];
  const [, margin] = /^([ \t]*)-(?=\s|$)/m.exec(text) ?? [];
  for (const { index, 0: line } of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    const last = items.at(-1);
    const end = index + line.length;
    if (margin !== undefined && line.startsWith(`${margin}-`) && /^\s*-(?:\s|$)/.test(line)) {
      items.push({ start: index, end });
    } else if (last !== undefined && !/^\s*(?:#|$)/.test(line)) {
      last.end = end;
    }
  }
  return items;
}

function itemsInBrackets(text: string, open: number): Range[] {
  const items: { start: number; end: number }[] = [];
  let depth = 1;
  let isBetween = true;
  for (const { index, 0: token } of text.slice(open).matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|\S/g)) {
    depth -= /^[\]}]$/.test(token) ? 1 : 0;
    if (depth === 0) {
      break;
    }
    const last = items.at(-1);
    const end = open + index + token.length;
    if (depth === 1 && token === ",") {
      isBetween = true;
    } else if (isBetween || last === undefined) {
      items.push({ start: open + index, end });
      isBetween = false;
    } else {
      last.end = end;
    }
    depth += /^[[{]$/.test(token) ? 1 : 0;
  }
  return items;
}

/** The texts of the principal's entries, and the remaining text without the commas of a flow list. */
function split(text: string, names: RegExp) {
  const items = itemsIn(text);
  const isOwn = ({ start, end }: Range) => names.test(text.slice(start, end));
  const isFlow = items.length > 0 && !/^\s*-/.test(text.slice(items[0]?.start));
  const gaps = [...items, undefined].map((item, index) => text.slice(items[index - 1]?.end ?? 0, item?.start));
  const others = gaps.map((gap, index) => {
    const item = items[index];
    const isOuter = index === 0 || item === undefined;
    return (
      (isFlow && !isOuter ? "" : gap) + (item === undefined || isOwn(item) ? "" : text.slice(item.start, item.end))
    );
  });
  return {
    own: items.filter(isOwn).map(({ start, end }) => text.slice(start, end).trimEnd()),
    others: others.join(""),
    isEmpty: items.length === 0,
  };
}

function without(texts: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return texts.filter((text) => !rest.includes(text) || rest.splice(rest.indexOf(text), 1).length === 0);
}

/** The lines of a text without items, except an empty list. */
function remarksIn(text: string): string {
  const lines = text.replace(/\[\s*\]/, "").split("\n");
  return lines
    .map((line) => line.replace(/^\s*(?:""|''|``|~|null)(?=\s|$)/, "").trim())
    .filter((line) => line !== "")
    .join("\n");
}
