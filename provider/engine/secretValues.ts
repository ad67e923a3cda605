import { parseMapping } from "../mapping";
import { escapeRegExp, printable } from "../text/text";
import { isUnknown } from "./unknownValue";

/**
 * The output and checked input that lists the properties that the program marks as secret. A delete and a refresh get only outputs,
 * without information about secrets. The engine hides properties whose names begin with two underscores.
 */
export const secretsProperty = "__secrets";

/** The properties that can be secret. No message ever contains the content of a kubeconfig in `cluster`. */
export const secretNames = ["arn", "account", "username", "groups"] as const;

/** The replacement for a secret in a message, as in the engine's own output. */
const hidden = "[secret]";

/** The secrets of this process: patterns by a text that every match contains, folded. A stack may have thousands. */
const patterns = new Map<string, Set<string>>();

/** The names of the secret properties by principal, in this process. */
const namesByPrincipal = new Map<string, ReadonlySet<string>>();

/** The names of the secret properties among inputs or outputs. */
export function secretsOf(properties: Readonly<Record<string, unknown>>): readonly string[] {
  const names = properties[secretsProperty];
  return Array.isArray(names) ? secretNames.filter((name) => names.includes(name)) : [];
}

/** Hides the secrets among inputs or outputs in all later messages. */
export function rememberSecrets(properties: Readonly<Record<string, unknown>>): void {
  const names = secretsOf(properties);
  const { principal } = parseMapping(properties, isUnknown);
  if (principal !== undefined && names.length > 0) {
    namesByPrincipal.set(principal, new Set([...(namesByPrincipal.get(principal) ?? []), ...names]));
  }
  rememberValues(names, properties);
}

/**
 * Hides what an entry says in the place of a principal's secrets in all later messages: it may be another stack's secret.
 *
 * @param said an entry of the principal, which somebody else may have written.
 */
export function hideSaid(
  principal: string,
  said: { readonly username?: string | undefined; readonly groups?: readonly string[] },
): void {
  rememberValues(namesByPrincipal.get(principal) ?? [], said);
}

function rememberValues(names: Iterable<string>, properties: Readonly<Record<string, unknown>>): void {
  for (const name of names) {
    for (const secret of textsIn(properties[name]).filter((text) => text !== "")) {
      remember(secret, name);
    }
  }
}

/** All that a value says: it may have another type than it should, which a message then says of it. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).flatMap(textsIn);
  }
  return value === undefined || value === null ? [] : [String(value)];
}

/** Hides a text in all later messages. */
export function hideInMessages(secret: string): void {
  const inJson = JSON.stringify(secret).slice(1, -1);
  // As it is, as JSON quotes it, and both with escapes for a terminal.
  for (const text of [secret, inJson, printable(secret), printable(inJson)].filter((text) => text !== "")) {
    add(text, (isWord(text) ? wherePut : alone)(escapeRegExp(text)));
  }
}

/** Replaces remembered secrets in a text. */
export function withoutSecrets(text: string): string {
  const whole = folded(text);
  const found = [...patterns].flatMap(([part, those]) => (whole.includes(part) ? [...those] : []));
  if (found.length === 0) {
    return text;
  }
  // Longer secrets come first, since a secret may be part of another one.
  const pattern = new RegExp(found.toSorted((a, b) => b.length - a.length).join("|"), "giu");
  return text.replace(pattern, hidden);
}

/** The same for all strings in a value. */
export function withoutSecretsIn(value: unknown): unknown {
  if (typeof value === "string") {
    return withoutSecrets(value);
  }
  if (Array.isArray(value)) {
    return value.map(withoutSecretsIn);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [withoutSecrets(name), withoutSecretsIn(inner)]))
    : value;
}

/** The same for an error, which keeps its class. */
export function hideSecretsIn(error: unknown): unknown {
  if (error instanceof Error) {
    const { message, stack } = error;
    error.message = withoutSecrets(message);
    if (stack !== undefined) {
      error.stack = withoutSecrets(stack);
    }
  }
  return error;
}

function remember(secret: string, name: string): void {
  hideInMessages(secret);
  const arn = name === "arn" ? /^(arn:[^:]*):[^:]*:[^:]*:(\d*):([^/]*)\/(.*\/)?([^/]*)$/i.exec(secret) : null;
  if (arn !== null) {
    const [partition = "", account = "", kind = "", path = "", identity = ""] = arn.slice(1);
    const prefix = `(?:${escapeRegExp(partition)}:(?:iam|sts)::)?${escapeRegExp(account)}:(?:assumed-)?${escapeRegExp(kind)}`;
    // Messages may contain the same identity with another path, as a session, or in the form of the record of claims.
    add(identity, alone(`${prefix}\\/(?:[^\\s"']*\\/)?${escapeRegExp(identity)}`));
    // As the ARN of an access entry has it, or a refusal of IAM.
    const other = `(?:${escapeRegExp(kind)}\\/${escapeRegExp(account)}\\/|(?<=resource: )${escapeRegExp(kind)} )`;
    add(identity, alone(`${other}${escapeRegExp(identity)}`));
    // Messages about problems may quote a part of it.
    [path, ...path.split("/"), identity].forEach(hideInMessages);
  }
}

/** @param part a text that every match of the pattern contains, in any case. */
function add(part: string, pattern: string): void {
  const key = folded(part);
  const those = patterns.get(key) ?? new Set();
  patterns.set(key, those.add(pattern));
}

/** The same for all texts that are the same to a pattern which ignores case: some letters have two lower cases, or no upper one. */
function folded(text: string): string {
  return text.toLowerCase().toUpperCase();
}

/** Whether a secret may be an ordinary word of a message. Such a word is hidden only where a message contains a value. */
function isWord(text: string): boolean {
  return /^[a-z]{1,8}$/i.test(text);
}

/** A pattern for the text as a whole word, not as part of a longer name. */
function alone(text: string): string {
  return `(?<![\\p{L}\\p{N}_])${text}(?![\\p{L}\\p{N}_])`;
}

/** A pattern for the text in quotes, in a list, or next to an arrow. */
function wherePut(text: string): string {
  return `(?<=["'\`[]|, |: |=> )${text}(?=["'\`\\]\\\\]|, |; | =>|$)`;
}
