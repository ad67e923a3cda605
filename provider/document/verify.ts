import { AwsAuthError } from "../errors";
import { sameValue } from "../yamlv2/scalar";
import { type ItemContent, type KeyText, parseKeyText, renderKeyText } from "./keyText";

/**
 * Parses an edited text to verify that only the intended content changed. Slices have the same meaning by themselves as in the
 * whole text, so parsing the edited item and its neighbours is enough; if items are linked, it parses all of them.
 *
 * @param index the edited item, or the first one after a removed item.
 * @param isIntended checks the content of the edited item; undefined if an item was removed.
 * @returns the text, with the parsed content of its edited item.
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
  const read = parseKeyText(edited.key, renderKeyText(window));
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
    `${subject} has a layout that cannot be edited safely${keyText.isLinked ? `: ${keyText.key} has anchors or aliases` : ""}, so nothing was changed; rewrite it as plain "key: value" lines by hand, then run again`,
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
