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
