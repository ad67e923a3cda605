import { printable } from "./text";

/**
 * The output, and checked input, that names the properties which the program marks as secret: a delete and a refresh are told the
 * outputs alone, and of no value whether it is a secret. The engine shows no property whose name begins like this.
 */
export const secretsProperty = "__secrets";

/** The properties that can be secret; the content of a kubeconfig in `cluster` is in no message at all. */
export const secretNames = ["arn", "account", "username", "groups"] as const;

/** What stands for a secret in a message, as in what the engine itself shows. */
const hidden = "[secret]";

/** The secrets of this process, as patterns. A plugin process serves one run, so that they are few. */
const patterns = new Set<string>();

let pattern: RegExp | undefined;

/** The names of the secret properties among inputs or outputs. */
export function secretsOf(properties: Readonly<Record<string, unknown>>): readonly string[] {
  const names = properties[secretsProperty];
  return Array.isArray(names) ? secretNames.filter((name) => names.includes(name)) : [];
}

/** Takes care that no message shows the secrets among inputs or outputs from now on. */
export function rememberSecrets(properties: Readonly<Record<string, unknown>>): void {
  for (const name of secretsOf(properties)) {
    const value = properties[name];
    for (const secret of Array.isArray(value) ? value : [value]) {
      if (typeof secret === "string" && secret !== "") {
        remember(secret, name);
      }
    }
  }
}

/** A string for people, without the secrets that are remembered. */
export function withoutSecrets(text: string): string {
  if (patterns.size === 0) {
    return text;
  }
  // What is longer comes first: a secret may be a part of another one.
  pattern ??= new RegExp([...patterns].toSorted((a, b) => b.length - a.length).join("|"), "giu");
  return text.replace(pattern, hidden);
}

/** The same for all texts in a value. */
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

/** The same for an error, which stays the error that it is. */
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
  hide(secret);
  const arn = name === "arn" ? /^(arn:[^:]*:[^:]*:[^:]*:)(\d*):([^/]*)\/(.*\/)?([^/]*)$/i.exec(secret) : null;
  if (arn !== null) {
    const [prefix, account, kind, path = "", identity = ""] = arn.slice(1);
    // Messages name the same identity with another path, or as the record of claims has it.
    patterns.add(
      alone(`(?:${escaped(prefix)})?${escaped(account)}:${escaped(kind)}\\/(?:[^\\s"']*\\/)?${escaped(identity)}`),
    );
    // They say what is wrong with a part of it as well.
    [path, ...path.split("/"), identity].forEach(hide);
  }
  pattern = undefined;
}

function hide(secret: string): void {
  const inJson = JSON.stringify(secret).slice(1, -1);
  // As it is, as JSON quotes it, and as either is shown on a terminal.
  for (const text of [secret, inJson, printable(secret), printable(inJson)].filter((text) => text !== "")) {
    patterns.add(isWord(text) ? wherePut(escaped(text)) : alone(escaped(text)));
  }
}

/** Whether a secret may be an ordinary word of a message: that is hidden only where a message has a value. */
function isWord(text: string): boolean {
  return /^[a-z]{1,8}$/i.test(text);
}

/** The text as a whole, not as a part of a longer name. */
function alone(text: string): string {
  return `(?<![\\p{L}\\p{N}_])${text}(?![\\p{L}\\p{N}_])`;
}

/** The text in quotes, in a list, or on either side of an arrow. */
function wherePut(text: string): string {
  return `(?<=["'\`[]|, |: |=> )${text}(?=["'\`\\]\\\\]|, | =>|$)`;
}

function escaped(text = ""): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
