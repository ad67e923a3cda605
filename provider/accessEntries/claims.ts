import { type Claim, type Claimant, type Standing, standingOf, type WantedClaim } from "../ownership";
import { printable } from "../text/text";

/** A resource's claim on an access entry: one tag of the entry. Its label is as {@link keptLabel} keeps it. */
export interface TagClaim extends Claim {
  readonly key: string;
}

export type TagStanding = Standing<TagClaim>;

export interface TagChange {
  /** All tags after the change, for an entry that is made: without those of AWS, which nobody else can set. */
  readonly tags: Readonly<Record<string, string>>;
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** Whether the wanted claim is among the tags; false if the entry has no room for another tag. */
  readonly isClaimed: boolean;
}

/** The claims in the tags of an access entry, in the order of their keys. Other tags are somebody else's business. */
export function claimsIn(tags: Readonly<Record<string, string>>): readonly TagClaim[] {
  return Object.entries(tags)
    .flatMap(([key, value]): TagClaim[] => {
      const parts = claimKey.exec(key);
      if (parts === null) {
        return [];
      }
      const [, kind, id = ""] = parts;
      const label = decodeLabel(value) || printable(key);
      return [{ key, id: claimId.test(id) ? id : undefined, isFound: kind === "found", label }];
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The labels of the claims on an access entry. */
export function ownersIn({ tags }: { readonly tags: Readonly<Record<string, string>> }): string[] {
  return [...new Set(claimsIn(tags).map(({ label }) => label))];
}

export function tagOf({ id, label, isFound }: WantedClaim): { readonly key: string; readonly value: string } {
  return { key: `pulumi-aws-auth/${isFound ? "found" : "claims"}/${id}`, value: encodeLabel(label) };
}

/** A label as a claim keeps it: without control characters, and cut if it is too long for a tag. */
export function keptLabel(label: string): string {
  return decodeLabel(encodeLabel(label));
}

export function standingIn(tags: Readonly<Record<string, string>>, claimant: Claimant): TagStanding {
  return standingOf(claimsIn(tags), keptClaimant(claimant));
}

/** A claimant with its label as a claim keeps it. */
export function keptClaimant({ label, ...claimant }: Claimant): Claimant {
  return label === undefined ? claimant : { ...claimant, label: keptLabel(label) };
}

/**
 * Replaces claims by one claim, and leaves all other tags as they are.
 *
 * @param replaced the claims to remove.
 * @param wanted the new claim; undefined: only removes.
 */
export function replaceTagClaims(
  tags: Readonly<Record<string, string>>,
  replaced: readonly TagClaim[],
  wanted: WantedClaim | undefined,
): TagChange {
  const gone = new Set(replaced.map(({ key }) => key));
  const kept = Object.entries(tags).filter(([key]) => !gone.has(key) && !isOfAws(key));
  const tag = wanted === undefined ? undefined : tagOf(wanted);
  const others = kept.filter(([key]) => key !== tag?.key);
  const isClaimed = tag !== undefined && others.length < maxTags;
  const added: [string, string][] = isClaimed ? [[tag.key, tag.value]] : [];
  return {
    tags: Object.fromEntries([...others, ...added]),
    set: Object.fromEntries(added.filter(([key, value]) => tags[key] !== value)),
    remove: Object.keys(tags).filter((key) => gone.has(key) && !(isClaimed && key === tag.key)),
    isClaimed,
  };
}

// The later part of a key of another format may be anything.
const claimKey = /^pulumi-aws-auth\/(claims|found)\/(.*)$/s;
const claimId = /^[0-9a-z]+$/;

/** Tags of AWS do not count. https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html */
const maxTags = 50;
const maxValue = 256;

function isOfAws(key: string): boolean {
  return /^aws:/i.test(key);
}

/**
 * A label as the value of a tag. Tags allow letters and digits of any script, spaces and + - = . _ : / @, and not %; so any other
 * character, and = itself, becomes = and two hexadecimal digits for each of its bytes in UTF-8, as in quoted-printable.
 */
function encodeLabel(label: string): string {
  let value = "";
  for (const [index, character] of [...printable(label)].entries()) {
    // The prefix is reserved in values too.
    const isPlain = /[\p{L}\p{N} +\-._:/@]/u.test(character) && !(index === 0 && isOfAws(label));
    const piece = isPlain ? character : escaped(character);
    if (value.length + piece.length > maxValue) {
      break;
    }
    value += piece;
  }
  return value;
}

function escaped(character: string): string {
  return [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

function decodeLabel(value: string): string {
  const text = value.replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("=", ""), "hex").toString());
  // Anybody may have set the tag.
  return printable(text);
}
