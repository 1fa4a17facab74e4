/** Variables as people give them: on the command line, and in files, a line each. */
import { readFileSync } from 'node:fs'
import { Complaint } from '../../workshop/complaint.ts'

// #region variables
/** Files first; a name alone is what it is here, and nothing where it is not set. */
export const variablesFrom = (
  given: readonly string[],
  files: readonly string[],
  here: NodeJS.ProcessEnv = process.env,
): string[] =>
  [...files.flatMap(linesOf), ...given].flatMap((text) => {
    const name = text.split('=')[0] ?? ''
    if (name === '' || /\s/.test(name))
      throw new Complaint(`Cannot set the variable "${text}": it has no name\n  Write NAME=VALUE`)
    if (text.includes('=')) return text
    return here[name] === undefined ? [] : `${name}=${here[name]}`
  })
// #endregion variables

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split('\n')
      .map((line) => line.replace(/\r$/, '').trimStart())
      .filter((line) => line !== '' && !line.startsWith('#'))
  } catch (cause) {
    throw new Complaint(`Cannot read variables from "${file}": ${(cause as Error).message}`, { cause })
  }
}
