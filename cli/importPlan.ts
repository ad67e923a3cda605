import {
  describeOwners,
  ownersOf,
  type PlacedEntry,
  placedEntries,
  placedEntry,
  placeOf,
  shadowedEntries,
} from "../provider/authenticator";
import { type AwsAuthDocument, droppedBecause, type Entry, entryMapping, isSso } from "../provider/document";
import {
  contentKey,
  formatArn,
  hasRolePath,
  type Mapping,
  parseIamArn,
  validateMapping,
  withoutPath,
} from "../provider/mapping";

/** An entry that a resource can take over. */
export interface ImportedEntry {
  readonly placed: PlacedEntry;
  /** The mapping of the resource: the entry's content, without parts that the provider strips. */
  readonly mapping: Mapping;
  /** Whether other entries map the same identity differently, so that the resource must allow duplicates. */
  readonly hasDuplicates: boolean;
  /** The entry that counts instead of this one. */
  readonly shadowedBy: PlacedEntry | undefined;
  /** Remarks about the entry, one sentence each. */
  readonly remarks: readonly string[];
}

/** An entry that no resource can express, so it stays unmanaged. */
export interface ForeignEntry {
  readonly placed: PlacedEntry;
  /** The reason, as a sentence. */
  readonly reason: string;
}

/** The plan for an entry of the map. */
export type ImportItem =
  | ({ readonly kind: "imported" } & ImportedEntry)
  | ({ readonly kind: "foreign" } & ForeignEntry);

/** Separates the entries that resources take over from those that stay unmanaged. */
export function planImport(document: AwsAuthDocument): readonly ImportItem[] {
  const all = placedEntries(document);
  const saying = contentsIn(all);
  const shadowing = shadowedEntries(document);
  return all.map((placed) => {
    const mapping = expressible(placed.entry);
    if (typeof mapping === "string") {
      return { kind: "foreign", placed, reason: mapping };
    }
    const contents = saying.get(placed.entry.principal);
    const twin = contents?.get(contentKey(mapping)) ?? placed;
    if (twin !== placed) {
      return { kind: "foreign", placed, reason: `It says the same as ${placeOf(twin)}, which is taken over.` };
    }
    const [winner] = shadowing.get(placed.entry) ?? [];
    const shadowedBy = winner && placedEntry(document, winner);
    return {
      kind: "imported",
      placed,
      mapping,
      hasDuplicates: (contents?.size ?? 0) > 1,
      shadowedBy,
      remarks: remarksOn(document, placed.entry, shadowedBy),
    };
  });
}

/** The mapping that a resource would declare, or a sentence that says why none can. */
function expressible(entry: Entry): Mapping | string {
  if (isSso(entry)) {
    return "An entry with sso is for a permission set, which a resource cannot name.";
  }
  const mapping = entryMapping(entry);
  if (mapping === undefined) {
    return `Nobody can match it: ${droppedBecause(entry) ?? "it names nobody"}.`;
  }
  const { kind, ...fields } = mapping;
  const arn = entry.arn === undefined ? undefined : parseIamArn(entry.arn);
  if (arn?.kind === "role" && arn.path !== "") {
    const reason = `The ARN has the role's path "${arn.path}", so nobody matches it, and a resource would write it without.`;
    return `${reason} Remove the entry, or take it over with a resource for ${formatArn(withoutPath(arn))} that has adopt: true.`;
  }
  const { mapping: declared, problems } = validateMapping(fields, () => false);
  if (declared !== undefined) {
    return declared;
  }
  return `A resource cannot say this ${kind === "account" ? "account" : "mapping"}: ${problems.map(({ reason }) => reason).join("; ")}.`;
}

function remarksOn(document: AwsAuthDocument, entry: Entry, winner: PlacedEntry | undefined): string[] {
  const owners = ownersOf(document, entry);
  return [
    ...(owners.length === 0 ? [] : [`Claimed by ${describeOwners(owners)}: it is shared from now on.`]),
    ...(winner === undefined ? [] : [`Without effect: ${placeOf(winner)} shadows it.`]),
  ];
}

/** By principal, every content that its entries have, and the last that has it: of these, a resource takes over that one. */
function contentsIn(all: readonly PlacedEntry[]): ReadonlyMap<string | undefined, ReadonlyMap<string, PlacedEntry>> {
  const plain = all.filter(({ entry }) => !isSso(entry));
  const byPrincipal = Map.groupBy(plain, ({ entry }) => entry.principal);
  return new Map(
    [...byPrincipal].map(([principal, own]) => [
      principal,
      new Map(own.map((placed) => [contentOf(placed.entry), placed])),
    ]),
  );
}

/** An entry with a role's path has no effect, so that its content does not count. */
function contentOf(entry: Entry): string {
  const mapping = entryMapping(entry);
  return mapping === undefined || (entry.arn !== undefined && hasRolePath(entry.arn)) ? "" : contentKey(mapping);
}
