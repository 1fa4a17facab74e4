/** Rows as runC prints them. */

const [LEAST, GAP] = [12, 3]

/** Columns as runC's are: twelve wide at least, three apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(LEAST, ...rows.map((row) => (row[n]?.length ?? 0) + GAP)))
  const line = (row: readonly string[]): string =>
    row.map((text, n) => (n < row.length - 1 ? text.padEnd(widths[n] ?? 0) : text)).join('')
  return rows.map(line).join('\n')
}
