import { hash } from "node:crypto";
import { principalKey } from "../mapping/mapping";
import type { Claim, WantedClaim } from "../ownership/claim";
import { printable } from "../text/text";
import { type Entry, isSso } from "./entry";
import { memoize } from "./memoize";

/** The annotation of kube-system/aws-auth with the record of claims. */
export const claimsAnnotation = "pulumi-aws-auth/claims";

/** One line of the record: a resource's claim on an entry. */
export interface RecordedClaim extends Claim {
  readonly text: string;
  /** The principal of the entry: its `principalKey`, or the account ID. */
  readonly principal: string;
  /**
   * The {@link fingerprintOf fingerprint} of the entry's content. Undefined in a line of another format, which covers any entry of
   * its principal.
   */
  readonly fingerprint: string | undefined;
}

/** A line that is not a claim is kept as it is. */
type Line = RecordedClaim | { readonly text: string; readonly principal: undefined };

/** The claims on the entries of a map, one line for each. Immutable: an edit returns a new record. */
export interface ClaimRecord {
  readonly lines: readonly Line[];
  /** The size of the record in bytes, including a line break for each line. */
  readonly bytes: number;
}

interface Claimed {
  readonly record: ClaimRecord;
}

/** The part of an entry that a claim covers, since a program may ignore the rest. A claim on an account always covers all of it. */
export type ClaimedPart = "all" | "username" | "groups" | "none";

export interface NewClaim extends WantedClaim {
  /** The part of the entry that it covers. Default: all of it. */
  readonly part?: ClaimedPart;
  readonly entry: Pick<Entry, "principal" | "account" | "username" | "groups">;
}

/** Parses a record. Never throws: an unknown line is kept, and counts as somebody's claim if it begins with a principal. */
export function parseRecord(text: string | undefined): ClaimRecord {
  if (text === undefined) {
    return emptyRecord;
  }
  const texts = text.split("\n");
  if (texts.at(-1) === "") {
    texts.pop();
  }
  const lines = texts.map(parseLine);
  return { lines, bytes: lines.reduce((sum, line) => sum + bytesOf(line), 0) };
}

/** The record as the text of the annotation; undefined if there are no claims. */
export function renderRecord({ lines }: ClaimRecord): string | undefined {
  return lines.length === 0 ? undefined : lines.map(({ text }) => text).join("\n");
}

/** The claims on a principal's entries, in the order of the record. */
export function claimsOn({ record }: Claimed, principal: string): readonly RecordedClaim[] {
  return record.lines.filter((line): line is RecordedClaim => line.principal === principal);
}

export function claimsOf({ record }: Claimed): readonly RecordedClaim[] {
  return record.lines.filter((line): line is RecordedClaim => line.principal !== undefined);
}

/** Whether a claim covers an entry: its principal, and its content. */
export function covers(claim: RecordedClaim, entry: Entry): boolean {
  if (claim.principal !== entry.principal || isSso(entry)) {
    return false;
  }
  return claim.fingerprint === undefined || wouldCover(claim, entry);
}

/**
 * The claims on each of a principal's entries. A claim is on one entry: of several that it covers, the last that counts; if it covers a
 * part alone, rather on one that no whole claim is on. A line of another format is on all.
 *
 * @param isInForce whether an entry can let anybody in.
 */
export function assignClaims(
  claims: readonly RecordedClaim[],
  entries: readonly Entry[],
  isInForce: (entry: Entry) => boolean,
): ReadonlyMap<Entry, readonly RecordedClaim[]> {
  const assigned = new Map<Entry, RecordedClaim[]>(entries.map((entry) => [entry, []]));
  const assign = (claim: RecordedClaim, avoided: ReadonlySet<Entry>) => {
    const covered = entries.filter((entry) => covers(claim, entry));
    const free = covered.filter((entry) => !avoided.has(entry));
    const among = free.length > 0 ? free : covered;
    const one = among.findLast(isInForce) ?? among.at(-1);
    for (const entry of claim.fingerprint === undefined ? covered : one === undefined ? [] : [one]) {
      assigned.get(entry)?.push(claim);
    }
  };
  for (const claim of claims.filter(isWhole)) {
    assign(claim, new Set());
  }
  const taken = new Set(entries.filter((entry) => assigned.get(entry)?.length));
  for (const claim of claims.filter((other) => !isWhole(other))) {
    assign(claim, taken);
  }
  return assigned;
}

/** Whether a claim would cover an entry of its principal with this content. */
export function wouldCover({ fingerprint }: RecordedClaim, content: Content): boolean {
  return fingerprint !== undefined && fingerprintsOf(content).has(fingerprint);
}

/** The fingerprints of the claims that would cover a content, which is compared with each of many claims. */
export const fingerprintsOf = memoize(
  (content: Content): ReadonlySet<string> => new Set(parts.map((part) => fingerprintOf(content, part))),
);

const parts: readonly ClaimedPart[] = ["all", "username", "groups", "none"];

type Content = Pick<Entry, "account" | "username" | "groups">;

/** Whether a claim covers all of an entry, so that it identifies the entry. */
export function isWhole({ fingerprint }: RecordedClaim): boolean {
  return fingerprint !== undefined && partOf(fingerprint) === "all";
}

export function addClaim<T extends Claimed>(document: T, claim: NewClaim): T {
  const { lines, bytes } = document.record;
  const line = parseLine(renderClaim(claim));
  const at = placeOf(line, lines);
  return { ...document, record: { lines: lines.toSpliced(at, 0, line), bytes: bytes + bytesOf(line) } };
}

export function dropClaims<T extends Claimed>(document: T, dropped: readonly RecordedClaim[]): T {
  return dropped.reduce(dropClaim<T>, document);
}

/**
 * Six hexadecimal digits for the content of an entry, regardless of the order of its groups; `-` for an account. With prefix `u`
 * for only the username, and `g` for only the groups; `*` for any content.
 */
export function fingerprintOf(entry: Content, part: ClaimedPart = "all"): string {
  if (entry.account !== undefined) {
    return "-";
  }
  if (part === "none") {
    return "*";
  }
  if (part !== "all") {
    return part === "username" ? `u${digestOf(entry.username)}` : `g${digestOf(setOf(entry.groups))}`;
  }
  return digestOf([entry.username, setOf(entry.groups)]);
}

/** A principal as written in the record: in the partition `aws`, only account and name. */
export function shortPrincipal(principal: string): string {
  return principal.startsWith(usualPrefix) ? principal.slice(usualPrefix.length) : principal;
}

const emptyRecord: ClaimRecord = { lines: [], bytes: 0 };

const usualPrefix = "arn:aws:iam::";

/** The index at which a line is inserted into sorted lines. */
function placeOf(line: Line, lines: readonly Line[]): number {
  let [from, to] = [0, lines.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((lines[middle]?.text ?? "") > line.text) {
      to = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}

function dropClaim<T extends Claimed>(document: T, claim: RecordedClaim): T {
  const { lines, bytes } = document.record;
  const at = lines.indexOf(claim);
  if (at === -1) {
    return document;
  }
  return { ...document, record: { lines: lines.toSpliced(at, 1), bytes: bytes - bytesOf(claim) } };
}

/** The part of an entry that a fingerprint covers. */
function partOf(fingerprint: string): ClaimedPart {
  if (fingerprint === "*") {
    return "none";
  }
  return fingerprint.startsWith("u") ? "username" : fingerprint.startsWith("g") ? "groups" : "all";
}

function setOf(groups: readonly string[]): readonly string[] {
  return [...new Set(groups)].sort();
}

function digestOf(content: unknown): string {
  return hash("sha256", JSON.stringify(content)).slice(0, 6);
}

function renderClaim({ entry, part, id, isFound, label }: NewClaim): string {
  const { principal = "" } = entry;
  return `${shortPrincipal(principal)} ${fingerprintOf(entry, part)} ${id}${isFound ? ":found" : ""} ${printable(label)}`;
}

const claimShape = /^(\S+) ([-*]|[ug]?[0-9a-f]{6}) ([0-9a-z]+)(:found)? (.*)$/s;

function parseLine(text: string): Line {
  const parts = claimShape.exec(text);
  const principal = principalIn(parts?.[1] ?? /^\S*/.exec(text)?.[0] ?? "");
  if (principal === undefined) {
    return { text, principal: undefined };
  }
  if (parts === null) {
    return { text, principal, fingerprint: undefined, id: undefined, isFound: false, label: text };
  }
  const [, , fingerprint = "", id = "", found, label = ""] = parts;
  return { text, principal, fingerprint, id, isFound: found !== undefined, label };
}

/** The principal in the first field of a line; undefined if it is something else. */
function principalIn(field: string): string | undefined {
  if (/^\d{12}$/.test(field)) {
    return field;
  }
  if (/^arn:[^:]+:iam::/i.test(field)) {
    return principalKey(field);
  }
  return /^[^:]*:(?:role|user)\/./i.test(field) ? principalKey(usualPrefix + field) : undefined;
}

/** The size of a line in bytes, including its line break. */
function bytesOf({ text }: Line): number {
  return Buffer.byteLength(text) + 1;
}
