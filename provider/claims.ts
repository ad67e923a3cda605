import { hash, randomInt } from "node:crypto";
import { isAccountId, principalKey } from "./mapping";
import { parseUrn } from "./pulumi/values";
import { printable } from "./text/text";

/** One resource's ownership of a principal's entry in one place: a line of the annotation, or a tag of the access entry. */
export interface Claim {
  /** The `principalKey` of the ARN, or the account ID. */
  readonly principal: string;
  /** `STEM.RANDOM`. Undefined for a line that cannot be parsed, which is treated as another owner's claim and never dropped. */
  readonly id: string | undefined;
  /** Project, stack and resource name, and `aws-auth:owner` if set, as shown to users; the line itself if it cannot be parsed. */
  readonly owner: string;
}

/** The annotation of kube-system/aws-auth with the claims, one per line. */
export const claimsAnnotation = "pulumi-aws-auth/claims";

export const claimTagKey = "pulumi-aws-auth/claim";

/**
 * The prefix of a resource's claim IDs. SDK and plugin compute the same one, so it excludes the organization, which a plugin does not know.
 *
 * @param owner the setting `aws-auth:owner`, which distinguishes stacks of the same name in different backends.
 */
export function stemOf(owner: string | undefined, urn: string): string {
  const number = Number.parseInt(hash("sha256", JSON.stringify([owner ?? "", urn])).slice(0, 12), 16);
  return digits(number % 36 ** stemLength, stemLength);
}

/** Whether a value in a state is a claim ID, `STEM.RANDOM`. */
export function isClaimId(value: unknown): value is string {
  return typeof value === "string" && idShape.test(value);
}

/** Creates a claim ID. It keeps the random part of an earlier ID, so that a claim follows a resource that gets a new URN or owner. */
export function mintId(stem: string, earlier?: string): string {
  return `${stem}.${earlier === undefined ? digits(randomInt(36 ** randomLength), randomLength) : randomIn(earlier)}`;
}

/** Whether a claim has the stem of an ID, so that it is of a resource with the same URN and owner. */
export function hasStemOf({ id }: Pick<Claim, "id">, other: string): boolean {
  return id !== undefined && stemIn(id) === stemIn(other);
}

export function stemIn(id: string): string {
  return id.slice(0, stemLength);
}

function randomIn(id: string): string {
  return id.slice(stemLength + 1);
}

/**
 * The claims of a resource in the state: those with its ID, otherwise those with its random part, which an `up` that was killed after a
 * rename has written. Several stacks with a copy of one state have the random part in common, so the whole ID comes first.
 */
export function claimsOf(claims: readonly Claim[], id: string | undefined): readonly Claim[] {
  if (id === undefined) {
    return [];
  }
  const found = claims.filter((claim) => claim.id === id);
  return found.length > 0 ? found : claims.filter((claim) => claim.id && randomIn(claim.id) === randomIn(id));
}

/** The owner of a claim, as shown to users: `infra/prod admin`, or `infra/prod admin (team-a)` with `aws-auth:owner`. */
export function ownerText(owner: string | undefined, urn: string): string {
  const { project, stack, name } = parseUrn(urn) ?? { project: "", stack: "", name: urn };
  const resource = project === "" ? name : `${project}/${stack} ${name}`;
  return printable(owner ? `${resource} (${owner})` : resource);
}

export interface ClaimLine {
  readonly text: string;
  /** Undefined for a line that does not start with a principal, which is kept unchanged. */
  readonly claim: Claim | undefined;
}

export function parseClaims(annotation: string | undefined): readonly ClaimLine[] {
  const texts = annotation === undefined ? [] : annotation.split("\n");
  return (texts.at(-1) === "" ? texts.slice(0, -1) : texts).map((text) => ({ text, claim: parseClaimLine(text) }));
}

export function renderClaims(lines: readonly ClaimLine[]): string | undefined {
  return lines.length === 0 ? undefined : lines.map(({ text }) => text).join("\n");
}

export function claimsOn(lines: readonly ClaimLine[], principal: string): readonly Claim[] {
  return lines.flatMap(({ claim }) => (claim?.principal === principal ? [claim] : []));
}

/** Adds a claim, and drops the given claims and any claim of the same ID on its principal. */
export function addClaim(
  lines: readonly ClaimLine[],
  claim: Claim,
  dropped: readonly Claim[] = [],
): readonly ClaimLine[] {
  const kept = dropClaims(lines, [...dropped, claim]);
  const text = renderClaimLine(claim);
  const after = kept.findIndex((line) => line.text > text);
  return kept.toSpliced(after === -1 ? kept.length : after, 0, { text, claim });
}

/** Drops claims by principal and ID. A line that cannot be parsed is never dropped. */
export function dropClaims(lines: readonly ClaimLine[], dropped: readonly Claim[]): readonly ClaimLine[] {
  const isDropped = ({ principal, id }: Claim) =>
    id !== undefined && dropped.some((other) => other.id === id && other.principal === principal);
  const kept = lines.filter(({ claim }) => claim === undefined || !isDropped(claim));
  return kept.length === lines.length ? lines : kept;
}

/** Formats a line: the principal, without `arn:aws:iam::` if it has that prefix, the ID and the owner. */
export function renderClaimLine({ principal, id, owner }: Claim): string {
  const short = principal.startsWith(usualPrefix) ? principal.slice(usualPrefix.length) : principal;
  return `${short} ${id} ${owner}`;
}

/** Parses a line. The claim has no ID if only the principal can be parsed, and is undefined otherwise. */
export function parseClaimLine(text: string): Claim | undefined {
  const [first = ""] = /^\S*/.exec(text) ?? [];
  const principal = principalIn(first);
  const [, id, owner = printable(text)] = lineShape.exec(text) ?? [];
  return principal === undefined ? undefined : { principal, id, owner };
}

export function claimTags({ id, owner }: Claim): Readonly<Record<string, string>> {
  let value = `${id} `;
  for (const piece of [...owner].map(encodeCharacter)) {
    if (value.length + piece.length > maxTagValue) {
      break;
    }
    value += piece;
  }
  return { [claimTagKey]: value };
}

/** The claims in the tags of a principal's access entry, of which there is at most one. */
export function claimsInTags(tags: Readonly<Record<string, string>>, principal: string): readonly Claim[] {
  const value = tags[claimTagKey];
  if (value === undefined) {
    return [];
  }
  const [, id, owner = value] = tagShape.exec(value) ?? [];
  const decoded = owner.replace(/(?:=[0-9A-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("=", ""), "hex").toString(),
  );
  return [{ principal, id, owner: printable(decoded) }];
}

export function ownersIn({ tags }: { readonly tags: Readonly<Record<string, string>> }): string[] {
  return claimsInTags(tags, "").map(({ owner }) => owner);
}

const stemLength = 8;
const randomLength = 6;
const maxTagValue = 256;
const usualPrefix = "arn:aws:iam::";
const idForm = `[0-9a-z]{${stemLength}}\\.[0-9a-z]{${randomLength}}`;
const idShape = new RegExp(`^${idForm}$`);
const lineShape = new RegExp(`^\\S+ (${idForm}) (.*)$`, "s");
const tagShape = new RegExp(`^(${idForm}) (.*)$`, "s");

function principalIn(field: string): string | undefined {
  if (isAccountId(field)) {
    return field;
  }
  if (/^arn:[^:]+:iam::/i.test(field)) {
    return principalKey(field);
  }
  return /^\d*:(?:role|user)\/./i.test(field) ? principalKey(usualPrefix + field) : undefined;
}

/**
 * Encodes a character in the value of a tag. Tags allow letters and digits of any script, spaces and `+-=._:/@`; any
 * other character, and `=` itself, becomes `=` and two hexadecimal digits per byte, as in quoted-printable.
 */
function encodeCharacter(character: string): string {
  return /[\p{L}\p{N} +\-._:/@]/u.test(character)
    ? character
    : [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

function digits(number: number, length: number): string {
  return number.toString(36).padStart(length, "0");
}
