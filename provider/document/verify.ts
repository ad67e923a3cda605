import { AwsAuthError } from "../errors";
import { type Item, type KeyText, renderWindow } from "./keyText";
import { parseKeyText } from "./parseKeyText";
import { sameValue } from "./value";

/** What an item says. */
export type ItemContent = Pick<Item, "value" | "entry">;

/**
 * Parses an edited text again, and makes sure that it says what was intended and nothing else. Slices say the same alone as in the
 * whole text, so the edited item and its neighbours are enough; where items are linked, all of them are read.
 *
 * @param index the edited item, or the first one behind a removed item.
 * @param isIntended tells whether the edited item says what it should; undefined when an item was removed.
 * @returns the text, with what its edited item turned out to say.
 * @throws AwsAuthError `unsupportedEntry`.
 */
export function verifyEdit(
  edited: KeyText,
  index: number,
  isIntended: ((content: ItemContent) => boolean) | undefined,
): KeyText {
  const from = edited.isLinked ? 0 : Math.max(index - 1, 0);
  const to = edited.isLinked ? edited.items.length : index + (isIntended === undefined ? 1 : 2);
  const window = windowOf(edited, from, to);
  const read = parseKeyText(edited.key, renderWindow(window));
  const isSame = read.layout === window.layout && read.items.length === window.items.length;
  const changed = isIntended === undefined ? undefined : index - from;
  const isAsMeant = window.items.every((item, at) => {
    const found = read.items[at];
    if (found === undefined || found.text !== item.text) return false;
    return at === changed ? isIntended?.(found) : sameValue(found.value, item.value);
  });
  if (!isSame || !isAsMeant) throw unsupported(edited, index);
  const found = changed === undefined ? undefined : read.items[changed];
  if (found === undefined) return edited;
  return { ...edited, items: edited.items.with(index, { ...found, lead: edited.items[index]?.lead ?? "" }) };
}

/** The error for an entry that cannot be edited with certainty. */
export function unsupported(text: KeyText, index: number): AwsAuthError {
  const name = text.items[index]?.entry.arn ?? text.items[index]?.entry.account;
  const subject = `${text.key} entry ${index + 1}${name === undefined ? "" : ` (${JSON.stringify(name)})`} in kube-system/aws-auth`;
  return new AwsAuthError(
    "unsupportedEntry",
    `${subject} is laid out in a way that cannot be edited with certainty, so nothing was changed; rewrite it as plain "key: value" lines by hand, then run again`,
  );
}

function windowOf(text: KeyText, from: number, to: number): KeyText {
  const items = text.items.slice(from, to);
  const [first, ...rest] = items;
  const isFlow = text.layout === "flow";
  const cut = isFlow ? "]" : (text.items[to]?.lead ?? "");
  return {
    ...text,
    head: from === 0 ? text.head : isFlow ? "[" : "",
    items: first === undefined ? [] : [from === 0 ? first : { ...first, lead: "" }, ...rest],
    tail: to >= text.items.length ? text.tail : cut,
  };
}
