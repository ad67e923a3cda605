import { quoted } from "../../provider/cluster/text";
import { principalKey, sameGroups } from "../../provider/mapping";
import type { ConfigItem, Finding, Path } from "./config";

/** An item and its place. */
export interface PlacedItem {
  readonly item: ConfigItem;
  readonly path: Path;
}

/** Items of which each maps something else. */
export interface Merged {
  readonly items: readonly ConfigItem[];
  /** Items that contradict each other. */
  readonly faults: readonly Finding[];
  /** Items that have no effect. */
  readonly warnings: readonly Finding[];
}

/**
 * Brings items down to one for each identity. eksctl appends every one of them to the map, where the authenticator obeys only the
 * last, so that the others are dead text; here the last one alone is mapped. That is also what keeps it in force: resources are
 * written in no certain order.
 *
 * @param locate says where an item is.
 */
export function mergeItems(placed: readonly PlacedItem[], locate: (path: Path) => string): Merged {
  const last = new Map<string, PlacedItem>();
  const faults: Finding[] = [];
  const warnings: Finding[] = [];
  for (const current of placed) {
    const key = identityOf(current.item);
    const earlier = last.get(key);
    last.set(key, earlier === undefined ? current : { ...current, item: withStricter(current.item, earlier.item) });
    if (earlier?.item.kind !== "identity" || current.item.kind !== "identity") {
      continue;
    }
    const same = isSame(earlier.item, current.item);
    if (!same && (earlier.item.noDuplicateARNs || current.item.noDuplicateARNs)) {
      const reason = `found existing mapping with the same arn ${quoted(current.item.arn)} (${locate(earlier.path)}) and shadowing is disabled; keep one of the two, or set noDuplicateARNs: false on both`;
      faults.push({ path: [...current.path, "arn"], reason });
    } else {
      const why = same ? "says the same" : "is obeyed in its place";
      const reason = `arn ${quoted(earlier.item.arn)} is mapped again below (${locate(current.path)}), which ${why}; this item is left out`;
      warnings.push({ path: [...earlier.path, "arn"], reason });
    }
  }
  return { items: [...last.values()].map(({ item }) => item), faults, warnings };
}

function identityOf(item: ConfigItem): string {
  switch (item.kind) {
    case "identity":
      return principalKey(item.arn);
    case "account":
      return item.account;
    case "service":
      return `${item.serviceName}/${item.namespace}`;
  }
}

type IdentityItem = Extract<ConfigItem, { kind: "identity" }>;

function isSame(a: IdentityItem, b: IdentityItem): boolean {
  return (a.username ?? "") === (b.username ?? "") && sameGroups(a.groups ?? [], b.groups ?? []);
}

/** The item, as strict about other entries as either of the two. */
function withStricter(item: ConfigItem, other: ConfigItem): ConfigItem {
  return "noDuplicateARNs" in item && "noDuplicateARNs" in other
    ? { ...item, noDuplicateARNs: item.noDuplicateARNs || other.noDuplicateARNs }
    : item;
}
