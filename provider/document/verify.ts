import { AwsAuthError } from "../errors";
import { sameValue } from "../yamlv2/scalar";
import { type Item, type ItemContent, type KeyText, renderKeyText, renderWindow } from "./keyText";
import { readKeyText } from "./ownStyle";

/**
 * Parses an edited text to verify that only the intended content changed. Slices have the same meaning by themselves as in the
 * whole text, so parsing the edited item and its neighbours is enough; if items are linked, it parses all of them.
 *
 * @param index the edited item, or the first one after a removed item.
 * @param isIntended checks the content of the edited item; undefined if an item was removed.
 * @param isApart whether the edited item cannot affect its neighbours, so that parsing it alone is enough.
 * @returns the text, with the parsed content of its edited item.
 * @throws AwsAuthError `unsupportedEntry`.
 */
export function verifyEdit(
  edited: KeyText,
  index: number,
  isIntended: ((content: ItemContent) => boolean) | undefined,
  isApart = false,
): KeyText {
  const from = edited.isLinked ? 0 : isApart ? index : Math.max(index - 1, 0);
  const to = edited.isLinked ? edited.items.length : index + (isIntended === undefined ? 1 : 2);
  const window = windowOf(edited, from, to);
  const read = readKeyText(edited.key, renderWindow(window));
  const isSame = read.layout === window.layout && read.items.length === window.items.length;
  const changed = isIntended === undefined ? undefined : index - from;
  const fault = window.items.findIndex((item, at) => {
    const found = read.items[at];
    if (found === undefined || found.text !== item.text) {
      return true;
    }
    return at === changed ? isIntended?.(found) !== true : !sameValue(found.value, item.value);
  });
  if (!isSame || fault !== -1) {
    throw unsupported(edited, fault === -1 ? index : from + fault);
  }
  const found = changed === undefined ? undefined : read.items[changed];
  if (found === undefined) {
    return edited;
  }
  return { ...edited, items: edited.items.with(index, { ...found, lead: edited.items[index]?.lead ?? "" }) };
}

/** The error for an entry that cannot be edited safely. */
export function unsupported(keyText: KeyText, index: number): AwsAuthError {
  const name = keyText.items[index]?.entry.arn ?? keyText.items[index]?.entry.account;
  const subject = `${keyText.key} entry ${index + 1}${name === undefined ? "" : ` (${JSON.stringify(name)})`} in kube-system/aws-auth`;
  return new AwsAuthError(
    "unsupportedEntry",
    `${subject} has a layout that cannot be edited safely, so nothing was changed; rewrite it as plain "key: value" lines by hand, then run again`,
  );
}

function windowOf(keyText: KeyText, from: number, to: number): KeyText {
  const items = keyText.items.slice(from, to);
  const [first, ...rest] = items;
  const isFlow = keyText.layout === "flow";
  const cut = isFlow ? "]" : (keyText.items[to]?.lead ?? "");
  return {
    ...keyText,
    head: from === 0 ? keyText.head : isFlow ? "[" : "",
    items: first === undefined ? [] : [from === 0 ? first : { ...first, lead: "" }, ...rest],
    tail: to >= keyText.items.length ? keyText.tail : cut,
  };
}

/**
 * Parses a text incrementally, given an earlier version: only the items that differ, and one on each side of them. Undefined if
 * that is not reliable for this text.
 */
export function reparseKeyText(known: KeyText, text: string): KeyText | undefined {
  if (known.layout !== "list" || known.isLinked || known.problem !== undefined) {
    return undefined;
  }
  const pieces = known.items.map((item) => item.lead + item.text);
  const before = renderKeyText(known);
  const limit = Math.min(before.length, text.length);
  const first = countPieces(known.head, pieces, commonPrefix(before, text, limit));
  const last = countPieces(known.tail, pieces.toReversed(), commonSuffix(before, text, limit));
  // Also parses the neighbours, since text between two items may become part of the first.
  const from = Math.max(first - 1, 0);
  const to = Math.min(Math.max(pieces.length - last + 1, from + 1), pieces.length);
  const start = from === 0 ? 0 : known.head.length + lengthOf(pieces.slice(0, from));
  const end = to === pieces.length ? text.length : text.length - known.tail.length - lengthOf(pieces.slice(to));
  if (end < start) {
    return undefined;
  }
  const read = readKeyText(known.key, text.slice(start, end));
  if (read.layout !== "list" || read.isLinked) {
    return undefined;
  }
  const isJoined =
    (from === 0 || startsWith(read, known.items[from])) &&
    (to === pieces.length || endsWith(read, known.items[to - 1]));
  if (!isJoined) {
    return undefined;
  }
  const middle =
    from === 0 ? read.items : read.items.map((item, index) => (index === 0 ? { ...item, lead: read.head } : item));
  return {
    ...known,
    head: from === 0 ? read.head : known.head,
    items: [...known.items.slice(0, from), ...middle, ...known.items.slice(to)],
    tail: to === pieces.length ? read.tail : known.tail,
  };
}

/** How many whole pieces fit in a length, after the text before them. */
function countPieces(outer: string, pieces: readonly string[], length: number): number {
  let rest = length - outer.length;
  const index = pieces.findIndex((piece) => {
    rest -= piece.length;
    return rest < 0;
  });
  return index === -1 ? pieces.length : index;
}

function startsWith({ head, items: [first] }: KeyText, expected: Item | undefined): boolean {
  return expected !== undefined && first !== undefined && head === expected.lead && isSame(first, expected);
}

function endsWith({ items, tail }: KeyText, expected: Item | undefined): boolean {
  const last = items.at(-1);
  return expected !== undefined && last !== undefined && tail === "" && isSame(last, expected);
}

function isSame(a: Item, b: Item): boolean {
  return a.text === b.text && sameValue(a.value, b.value);
}

function lengthOf(pieces: readonly string[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function commonPrefix(a: string, b: string, limit: number): number {
  let length = 0;
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) {
    length++;
  }
  return length;
}

function commonSuffix(a: string, b: string, limit: number): number {
  let length = 0;
  while (length < limit && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)) {
    length++;
  }
  return length;
}
