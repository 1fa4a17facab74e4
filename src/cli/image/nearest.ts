/** What somebody may have meant who has mistyped a word. */

// #region nearest
/** @returns the one with the fewest differences; nothing where all are far off. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((one) => ({ one, distance: distanceOf(word, one) }))
    .sort((one, other) => one.distance - other.distance)
  return best && best.distance <= Math.max(1, word.length / 3) ? best.one : undefined
}

/** Letters to be changed, put in or left out: Levenshtein's. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, n) => n)
  for (const [n, letter] of Array.from(one).entries()) {
    const next = [n + 1]
    for (const [m, against] of Array.from(other).entries())
      next.push(Math.min((row[m] ?? 0) + Number(letter !== against), (row[m + 1] ?? 0) + 1, (next[m] ?? 0) + 1))
    row = next
  }
  return row.at(-1) ?? 0
}
// #endregion nearest
