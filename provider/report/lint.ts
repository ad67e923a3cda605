import { type AwsAuthDocument, dataKeys, droppedBecause } from "../document";
import { type Finding, findingAt } from "./finding";
import { lintAccount } from "./lintAccount";
import { lintArn } from "./lintArn";
import { lintFields } from "./lintFields";
import { lintKeys } from "./lintKeys";
import { lintShared } from "./lintShared";
import { placedEntries } from "./placedEntry";

/**
 * Finds what in a map does not do what it says, and what is a trap, in the order of the map.
 *
 * @param data all data keys of the ConfigMap.
 * @param document the same, parsed.
 */
export function lintDocument(data: Readonly<Record<string, string>>, document: AwsAuthDocument): readonly Finding[] {
  const entries = placedEntries(document);
  const alone = entries.flatMap((placed): Finding[] => {
    if (placed.key === "mapAccounts") return lintAccount(placed, document);
    const dropped = droppedBecause(placed.entry);
    const about =
      dropped === undefined
        ? lintArn(placed)
        : [
            findingAt(
              placed,
              "dropped-entry",
              "error",
              `the authenticator drops this entry: ${dropped}; correct or remove it`,
            ),
          ];
    return [...about, ...lintFields(placed)];
  });
  return [...lintKeys(data, document), ...alone, ...lintShared(document, entries)].sort(inOrder);
}

function inOrder(a: Finding, b: Finding): number {
  const place = ({ key, position }: Finding): number => {
    return (key === undefined ? 0 : dataKeys.indexOf(key) + 1) * 1e6 + (position ?? 0);
  };
  return place(a) - place(b);
}
