/** Processors and memory nodes as the kernel writes them, `0-2,4`: cpuset(7) §list format. */

// #region list
/** @throws RangeError of what is no such list. The kernel's own may be empty, and end with a newline. */
export function parseCpuList(text: string): number[] {
  const parts = text.trim().split(',').filter(Boolean)
  return parts.flatMap((part) => {
    const [, from, to = from] =
      /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? []
    if (from === undefined || Number(to) < Number(from))
      throw new RangeError(
        `Cannot read "${text}": it is no list of processors\n  Write numbers and ranges, such as 0-2,4`,
      )
    return Array.from(
      { length: Number(to) - Number(from) + 1 },
      (_, n) => Number(from) + n,
    )
  })
}
// #endregion list
