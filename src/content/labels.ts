/** What people, and other parts of this program, want to be remembered of a thing. */
export type Labels = Record<string, string>

/** One that is empty takes back what was said before. */
export const relabelled = (before: Readonly<Labels>, labels: Readonly<Labels>): Labels =>
  Object.fromEntries(Object.entries({ ...before, ...labels }).filter(([, value]) => value !== ''))
