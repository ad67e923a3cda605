import { printable } from "../printable";

/** How much of somebody else's text a message carries, in characters. */
const maxForeignText = 500;

/** How much of it is looked at, in characters: a program may print for ever, and what is searched for takes longer the longer it is. */
const maxRead = 4_000;

/** What is shorter, in characters, is no secret, or not to be told from an ordinary word. */
const minSecret = 8;

/** A value of the user's as messages show it. */
export function quoted(value: unknown): string {
  return printable(JSON.stringify(value) ?? String(value));
}

/**
 * Text from a server or a program that we ran, fit for a message: one line, no terminal escapes, no credentials, and of bounded
 * length.
 *
 * @param known credentials that whoever wrote the text was given, and may have repeated
 */
export function foreignText(text: string, known: readonly (string | undefined)[] = []): string {
  const hidden = known
    .filter((secret) => secret !== undefined && secret.length >= minSecret)
    .reduce<string>((rest, secret) => rest.replaceAll(secret ?? "", "<redacted>"), text);
  const line = beginningOf(hidden)
    .replace(ansiEscapes, "")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .replace(secrets, "<redacted>")
    .trim();
  return line.length > maxForeignText ? `${line.slice(0, maxForeignText)}…` : line;
}

/** What is looked at of a text, in whole words: a credential that the end cuts in two could not be told from a word. */
function beginningOf(text: string): string {
  const start = text.slice(0, maxRead);
  return text.length > maxRead ? start.replace(/\s\S*$/, "") : start;
}

/** The code that Node and the AWS SDK put on errors, such as `ECONNREFUSED`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// CSI, OSC and two-character sequences; what is left of a broken one loses its ESC with the control characters.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with a control character
const ansiEscapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

// A presigned EKS token, a JSON Web Token, an Authorization header, an AWS secret in a query string, a private key, and a long value
// that is called a secret.
const secrets =
  /k8s-aws-v1\.[\w-]+|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(?:Bearer|Basic)\s+[\w.~+/=-]+|X-Amz-(?:Signature|Security-Token|Credential)=[^\s&"]+|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|(?<=(?:secret|token|password|key|data)[\w-]*["']?\s?[:=]\s?["']?)[\w.~+/=-]{20,}/gi;
