import type { PlacedEntry } from "../provider/authenticator";
import { entryInForce, isSso } from "../provider/document";
import { mappingType } from "../provider/lifecycle/context";
import { hiddenTexts } from "../provider/mapping";
import type { ImportItem } from "./importPlan";
import { describeForeign, nameResources, unlessShadowed } from "./importProgram";
import { renderJson } from "./terminal";

/**
 * Writes a file for `pulumi import --file`. It names no cluster: each stack imports from the one in its configuration.
 *
 * @returns the file, and what is `left`: the entries that no resource can take over, a sentence each.
 */
export function renderImportFile(items: readonly ImportItem[]) {
  const counting = new Map([...Map.groupBy(items, subjectOf)].map(([subject, all]) => [subject, countingOf(all)]));
  const shown = items.map((item) => {
    const winner = counting.get(subjectOf(item));
    return withoutHidden(unlessShadowed(item, winner === item.placed ? undefined : winner));
  });
  const mappings = shown.flatMap((item) => (item.kind === "imported" ? [item.mapping] : []));
  const names = nameResources(mappings);
  const resources = mappings.map((mapping, index) => ({
    type: mappingType,
    name: names[index],
    id: mapping.kind === "account" ? mapping.account : mapping.arn,
  }));
  return {
    text: renderJson({ resources }),
    left: shown.flatMap((item) => (item.kind === "foreign" ? [describeForeign(item)] : [])),
  };
}

/** What an import finds by one ID. */
function subjectOf({ placed: { entry } }: ImportItem): string {
  return `${entry.key === "mapAccounts" ? "account" : "arn"} ${entry.principal}`;
}

/** Of the entries for a subject the one that counts, which is what `pulumi import` finds. */
function countingOf(sharing: readonly ImportItem[]): PlacedEntry | undefined {
  const plain = sharing.map(({ placed }) => placed).filter(({ entry }) => !isSso(entry));
  const winner = entryInForce(plain.map(({ entry }) => entry));
  return plain.find(({ entry }) => entry === winner);
}

/** Leaves out an entry that `pulumi import` refuses, since the whole file would fail with it. */
function withoutHidden(item: ImportItem): ImportItem {
  return item.kind === "foreign" || hiddenTexts(item.mapping).length === 0
    ? item
    : { kind: "foreign", placed: item.placed, reason: "It has characters that cannot be seen." };
}
