import { hash } from "node:crypto";
import { principalKey } from "../mapping/mapping";
import { printable } from "../text";
import { ByPrincipal, type Entry, isSso } from "./entry";

/** The annotation of kube-system/aws-auth that holds the record of claims. */
export const claimsAnnotation = "pulumi-aws-auth/claims";

/** That a resource wants an entry: one line of the record. */
export interface Claim {
  /** The line, as it stands. */
  readonly text: string;
  /** Whom the entry is for, as `principalKey` or an account's digits name it. */
  readonly principal: string;
  /** What the entry says, from {@link fingerprintOf}. Undefined in a line of another form, which covers whatever its principal has. */
  readonly fingerprint: string | undefined;
  /** Tells the resource apart from all others: names of stacks alone do not. Undefined in a line of another form. */
  readonly id: string | undefined;
  /** Whether the entry was there, and nobody's, when the resource was created. */
  readonly isFound: boolean;
  /** The stack and the resource's name, for people. */
  readonly label: string;
}

/** A line that is no claim is kept as it is. */
type Line = Claim | { readonly text: string; readonly principal: undefined };

/** Who wants which entries of a map, one line a claim. Never changes: an edit gives a new one. */
export interface ClaimRecord {
  readonly lines: readonly Line[];
  /** How many bytes the record takes, a line break for each line among them. */
  readonly bytes: number;
}

/** What has a record of claims. */
interface Claimed {
  readonly record: ClaimRecord;
}

/** What of an entry a claim is for: a program may leave a part of it to others. Of an account there is but one thing to say. */
export type ClaimedPart = "all" | "username" | "groups" | "none";

/** What a new claim consists of. */
export interface NewClaim {
  /** What of the entry it is for. Default: all of it. */
  readonly part?: ClaimedPart;
  readonly entry: Pick<Entry, "principal" | "account" | "username" | "groups">;
  readonly id: string;
  readonly isFound: boolean;
  readonly label: string;
}

/** Reads a record. Never throws: a line that is not understood is kept, and counts as somebody's claim if it begins with a principal. */
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

/** The record as the annotation holds it; undefined where nothing is claimed. */
export function renderRecord(record: ClaimRecord): string | undefined {
  if (record.lines.length === 0) {
    return undefined;
  }
  const text = rendered.get(record) ?? record.lines.map(({ text }) => text).join("\n");
  rendered.set(record, text);
  return text;
}

/** The claims on a principal's entries, in the order of the record. */
export function claimsOn({ record }: Claimed, principal: string): readonly Claim[] {
  return byPrincipal.find(record, principal);
}

/** Every claim of the record. */
export function claimsOf({ record }: Claimed): readonly Claim[] {
  return allClaims(record);
}

/** Whether a claim is for this very entry: for its principal, and for what it says. */
export function covers(claim: Claim, entry: Entry): boolean {
  if (claim.principal !== entry.principal || isSso(entry)) {
    return false;
  }
  return claim.fingerprint === undefined || claim.fingerprint === fingerprintOf(entry, partOf(claim.fingerprint));
}

/** Whether a claim is for all that an entry says, so that it tells one entry from the others. */
export function isWhole({ fingerprint }: Claim): boolean {
  return fingerprint !== undefined && partOf(fingerprint) === "all";
}

/** The document with a claim more, in its place among the others. */
export function addClaim<T extends Claimed>(document: T, claim: NewClaim): T {
  const { lines, bytes } = document.record;
  const line = parseLine(renderClaim(claim));
  const at = placeOf(line, lines);
  return { ...document, record: { lines: lines.toSpliced(at, 0, line), bytes: bytes + bytesOf(line) } };
}

/** The document without some of its claims. */
export function dropClaims<T extends Claimed>(document: T, dropped: readonly Claim[]): T {
  return dropped.reduce(dropClaim<T>, document);
}

/**
 * Six hexadecimal digits for what an entry gives, whatever the order of its groups; `-` for an account's. Of the username alone they
 * begin with `u`, of the groups alone with `g`; `*` stands for an entry whatever it says.
 */
export function fingerprintOf(
  entry: Pick<Entry, "account" | "username" | "groups">,
  part: ClaimedPart = "all",
): string {
  if (entry.account !== undefined) {
    return "-";
  }
  if (part === "none") {
    return "*";
  }
  if (part !== "all") {
    return part === "username" ? `u${digestOf(entry.username)}` : `g${digestOf(setOf(entry.groups))}`;
  }
  const fingerprint = fingerprints.get(entry) ?? digestOf([entry.username, setOf(entry.groups)]);
  fingerprints.set(entry, fingerprint);
  return fingerprint;
}

/** A principal as the record writes it: of the partition `aws`, by account and name alone. */
export function shortPrincipal(principal: string): string {
  return principal.startsWith(usualPrefix) ? principal.slice(usualPrefix.length) : principal;
}

const emptyRecord: ClaimRecord = { lines: [], bytes: 0 };

const rendered = new WeakMap<ClaimRecord, string>();

const byPrincipal = new ByPrincipal(search, allClaims);

const fingerprints = new WeakMap<object, string>();

const usualPrefix = "arn:aws:iam::";

function search({ lines }: ClaimRecord, principal: string): readonly Claim[] {
  return lines.filter((line): line is Claim => line.principal === principal);
}

function allClaims({ lines }: ClaimRecord): readonly Claim[] {
  return lines.filter((line): line is Claim => line.principal !== undefined);
}

/** Where a line goes among sorted ones. */
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

function dropClaim<T extends Claimed>(document: T, claim: Claim): T {
  const { lines, bytes } = document.record;
  const at = lines.indexOf(claim);
  if (at === -1) {
    return document;
  }
  return { ...document, record: { lines: lines.toSpliced(at, 1), bytes: bytes - bytesOf(claim) } };
}

/** What a fingerprint is of. */
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

/** The principal that a line's first field names; undefined for any other word. */
function principalIn(field: string): string | undefined {
  if (/^\d{12}$/.test(field)) {
    return field;
  }
  if (/^arn:[^:]+:iam::/i.test(field)) {
    return principalKey(field);
  }
  return /^[^:]*:(?:role|user)\/./i.test(field) ? principalKey(usualPrefix + field) : undefined;
}

/** How many bytes a line takes with its line break. */
function bytesOf({ text }: Line): number {
  return Buffer.byteLength(text) + 1;
}
