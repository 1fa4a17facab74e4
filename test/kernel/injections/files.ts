/** Files for injections, made before anything is refused. */
import { mkdirSync, writeFileSync } from 'node:fs'

export const writeFile = (path: string, content: string | Buffer, mode = 0o755): string => {
  writeFileSync(path, content, { mode })
  return path
}

export const makeDirectories = (...names: string[]): void =>
  names.forEach((name) => mkdirSync(name, { recursive: true }))
