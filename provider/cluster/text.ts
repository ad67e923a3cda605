/** How much of somebody else's text a message carries, in characters. */
const maxForeignText = 500;

/** A value of the user's as messages show it. */
export function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/**
 * Text from a server or a program that we ran, fit for a message: one line, no terminal escapes, no credentials, and of bounded
 * length.
 */
export function foreignText(text: string): string {
  const line = text
    .replace(ansiEscapes, "")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .replace(secrets, "<redacted>")
    .trim();
  return line.length > maxForeignText ? `${line.slice(0, maxForeignText)}…` : line;
}

/** The allowed word that a misspelt one most likely means; undefined where none is close. */
export function closestOf(word: string, allowed: readonly string[]): string | undefined {
  const ranked = allowed
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** The code that Node and the AWS SDK put on errors, such as `ECONNREFUSED`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// CSI, OSC and two-character sequences; what is left of a broken one loses its ESC with the control characters.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with a control character
const ansiEscapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

// A presigned EKS token, a JSON Web Token, an Authorization header, an AWS secret in a query string.
const secrets =
  /k8s-aws-v1\.[\w-]+|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(?:Bearer|Basic)\s+[\w.~+/=-]+|X-Amz-(?:Signature|Security-Token|Credential)=[^\s&"]+/gi;

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
