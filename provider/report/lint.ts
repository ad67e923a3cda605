import { type AwsAuthDocument, dataKeys, droppedBecause } from "../document";
import { type Finding, findingAt } from "./finding";
import { lintAccount } from "./lintAccount";
import { lintArn } from "./lintArn";
import { lintClaims } from "./lintClaims";
import { lintFields } from "./lintFields";
import { lintKeys } from "./lintKeys";
import { lintShared } from "./lintShared";
import { placedEntries } from "./placedEntry";

/**
 * Finds what in a map does not do what it says, and what is a trap, in the order of the map; what is about all of it comes first.
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
  const shared = lintShared(document, entries);
  return [...lintKeys(data, document), ...lintClaims(document, entries), ...alone, ...shared].sort(inOrder);
}

function inOrder(a: Finding, b: Finding): number {
  const place = ({ key, position }: Finding): number => {
    return (key === undefined ? 0 : dataKeys.indexOf(key) + 1) * 1e6 + (position ?? 0);
  };
  return place(a) - place(b);
}
