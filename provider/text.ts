/**
 * Text from a map, a file or a server as a terminal may show it: whatever could move the cursor, change colours, reorder or break
 * lines is shown as an escape such as `\u001b`, half a pair at a time, so that the escapes of JSON stay escapes of JSON.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escapes);
}

/** The same for a string whose line breaks are meant. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (characters) => (characters === "\n" ? characters : escapes(characters)));
}

function escapes(characters: string): string {
  return Array.from({ length: characters.length }, (_, index) => {
    return `\\u${characters.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

// Control and format characters (bidirectional ones included), lone surrogates, line and paragraph separators.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The allowed word that a misspelt one most likely means, in any letter case; undefined where none is close. */
export function closestOf(word: string, allowed: readonly string[]): string | undefined {
  const ranked = allowed
    // As many letters too many or too few are as many letters wrong, and a word may be as long as a file.
    .filter((candidate) => Math.abs(word.length - candidate.length) <= allowedSlips(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= allowedSlips(candidate))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** A third of the letters wrong is still a slip of the hand; more is another word. */
function allowedSlips(candidate: string): number {
  return Math.max(1, Math.floor(candidate.length / 3));
}

/** Damerau-Levenshtein distance with adjacent transpositions, the commonest slip of a typist. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [[...Array(b.length + 1).keys()]];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] ?? [];
      let best = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** How much of somebody else's text a message carries, in characters. */
const maxForeignText = 500;

/**
 * How much of it is looked at, in characters: a program may print for ever, and what is searched for takes longer the longer it is.
 */
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
export function redact(text: string, known: readonly (string | undefined)[] = []): string {
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

/** What is looked at of a string, in whole words: a credential that the end cuts in two could not be told from a word. */
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
