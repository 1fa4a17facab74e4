/** What a second Node has to load before it can read this program's files: in development they are TypeScript, and a loader reads them. */
export const loaders = (): string[] =>
  process.execArgv.flatMap((arg, n, all) => (/^--(import|require)$/.test(arg) ? all.slice(n, n + 2) : []))

declare const NODE: string

/** Some of our programs are compiled by Bun. */
export const isCompiled = process.versions['bun'] !== undefined

/** Which Node a program of ours runs in: this one, or the one that has had this program compiled. */
export const node = (): string => (isCompiled ? NODE : process.execPath)
