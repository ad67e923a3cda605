/**
 * Escapes text from a map, a file or a server for a terminal and for Pulumi's engine: characters that could move the cursor, change
 * colours, or reorder or break lines become escapes such as `\u001b`. Surrogate pairs become two escapes, as in JSON.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escapes);
}

export function printableLines(text: string): string {
  return text.replace(unprintable, (characters) => (characters === "\n" ? characters : escapes(characters)));
}

function escapes(characters: string): string {
  return Array.from({ length: characters.length }, (_, index) => {
    return `\\u${characters.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

// Control and format characters (including bidirectional ones), lone surrogates, line and paragraph separators; and the start of a
// colour command such as `<{%reset%}>`: the engine removes it with the text up to its end, and panics if it does not know it.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|<(?=\{%)/gu;

/** Text that a template engine, a shell or a user should have replaced. */
const placeholder = /[$%]\{[^{}]*\}|\{\{[^{}]*\}\}|\{%[^{}]*%\}|<\{%|<[A-Za-z][\w -]*>/;

/** A word in capitals instead of an account ID. */
const accountWord = /(?<=::)[A-Z][A-Z_]*(?=:)|^[A-Z][A-Z_]*$/;

/** The first placeholder in a string: `${...}`, `%{...}`, `{{ ... }}`, `{% ... %}`, `<{%` or `<ACCOUNT_ID>`; undefined if there is none. */
export function placeholderIn(text: string): string | undefined {
  return placeholder.exec(text)?.[0];
}

/** The first placeholder in an ARN or an account, in which a word such as `ACCOUNT_ID` is one too. */
export function placeholderInArn(text: string): string | undefined {
  return placeholderIn(text) ?? accountWord.exec(text)?.[0];
}

/** The maximum length of foreign text in a message, in characters. */
const maxForeignText = 500;

/** The maximum length of foreign text that is processed, in characters, since output may be endless and searching takes time. */
const maxRead = 4_000;

export function quoted(value: unknown): string {
  return printable(JSON.stringify(value) ?? String(value));
}

/** Prepares text from a server or a program for a message: one line of limited length, without terminal escapes and credentials. */
export function redact(text: string, kept: "start" | "end" = "start"): string {
  const line = partOf(text, kept)
    .replace(ansiEscapes, "")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .replace(secrets, "<redacted>")
    .trim();
  if (line.length <= maxForeignText) {
    return line;
  }
  return kept === "start" ? `${line.slice(0, maxForeignText)}…` : `…${line.slice(-maxForeignText)}`;
}

/** The part of a text that is processed, cut at a word boundary, since a truncated credential would not be recognized. */
function partOf(text: string, kept: "start" | "end"): string {
  if (text.length <= maxRead) {
    return text;
  }
  return kept === "start" ? text.slice(0, maxRead).replace(/\s\S*$/, "") : text.slice(-maxRead).replace(/^\S*\s/, "");
}

export function cutShort(words: readonly string[], most: number): string {
  const shown = words.slice(0, most).join(", ");
  return words.length > most ? `${shown} and ${words.length - most} more` : shown;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** Why a text cannot be read, with the position. */
export class RefusedText extends Error {
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** The code of an error from Node.js or the AWS SDK, such as `ECONNREFUSED`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// CSI, OSC and two-character sequences; an incomplete one loses only its ESC, with the control characters.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with a control character
const ansiEscapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

// Presigned EKS tokens, JSON Web Tokens, Authorization headers, AWS secrets in query strings, private keys, long values
// with a secret-like name, and passwords in URLs.
const secrets =
  /k8s-aws-v1\.[\w-]+|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(?:Bearer|Basic)\s+[\w.~+/=-]+|X-Amz-(?:Signature|Security-Token|Credential)=[^\s&"]+|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|(?<=(?:secret|token|password|key|data)[\w-]*["']?\s?[:=]\s?["']?)[\w.~+/=-]{20,}|(?<=:\/\/[^\s/@:]{0,100}:)[^\s/@]+(?=@)/gi;
