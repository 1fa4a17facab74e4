/** Rows below headings, each column as wide as it has to be. */

// #region table
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, n) => Math.max(heading.length, ...rows.map((row) => (row[n] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, n) => (n === row.length - 1 ? cell : cell.padEnd(widths[n] ?? 0)))
      .join('   ')
      .trimEnd()
  return [headings, ...rows].map(line).join('\n')
}
// #endregion table
