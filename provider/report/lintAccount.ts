import { isScalar, isSeq, parseDocument } from "yaml";
import { type AwsAuthDocument, renderKey } from "../document";
import { type Finding, findingAt } from "./finding";
import type { PlacedEntry } from "./placedEntry";

/** What is wrong with an entry of mapAccounts. */
export function lintAccount(placed: PlacedEntry, document: AwsAuthDocument): Finding[] {
  const { account } = placed.entry;
  if (account === undefined || !/^\d{12}$/.test(account)) {
    const shown = account === undefined ? "this" : JSON.stringify(account);
    const message = `${shown} is not an AWS account ID, so nobody can match it; write 12 digits in quotes, or remove it`;
    return [findingAt(placed, "account-id", "error", message)];
  }
  if (isQuoted(document, placed.position)) return [];
  return [
    findingAt(
      placed,
      "unquoted-account",
      "warning",
      `account ${account} has no quotes, and many tools take it for a number${account.startsWith("0") ? " and lose its leading zeros" : ""}; write "${account}"`,
    ),
  ];
}

/** Whether the list shows an account as a string to every reader. */
function isQuoted(document: AwsAuthDocument, position: number): boolean {
  const quoted = quotedPositions.get(document) ?? findQuoted(document);
  quotedPositions.set(document, quoted);
  return quoted.has(position);
}

const quotedPositions = new WeakMap<AwsAuthDocument, ReadonlySet<number>>();

function findQuoted(document: AwsAuthDocument): ReadonlySet<number> {
  const list = parseDocument(renderKey(document, "mapAccounts"), { schema: "failsafe", logLevel: "silent" }).contents;
  if (!isSeq(list)) return new Set();
  return new Set(list.items.flatMap((item, index) => (isScalar(item) && item.type !== "PLAIN" ? [index + 1] : [])));
}
