/** What was attached, and how: kept for CHECK and DEL, which may come from another process, after a restart, with another configuration in /etc. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeDrafts, removeEmpty, replaceFile } from '../../kernel/file.ts'
import { runDirectory } from '../../launch/ledger.ts'
import type { Attachment, NetworkList, Result } from './spec.ts'

export interface Kept {
  network: NetworkList
  attachment: Attachment
  /** None while it is not known how far a chain came. */
  result?: Result
}

export const directory = (): string => join(runDirectory(), 'network')

// #region cache
export function store(kept: Kept): void {
  mkdirSync(results(), { recursive: true, mode: 0o700 })
  replaceFile(fileOf(kept.network.name, kept.attachment), JSON.stringify(kept))
}

export function load(name: string, attachment: Attachment): Kept | undefined {
  const file = fileOf(name, attachment)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : undefined
}

export function forget(name: string, attachment: Attachment): void {
  rmSync(fileOf(name, attachment), { force: true })
}

/** After each of them, while nobody else is here: who was killed may have left a draft, or a directory with nothing in it. */
export function tidy(): void {
  for (const place of [directory(), results()]) removeDrafts(place)
  removeEmpty(results())
}

/** Who is in a network. */
export const attachedTo = (name: string): Kept[] =>
  (existsSync(results()) ? readdirSync(results()) : [])
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(results(), file), 'utf8')) as Kept)
    .filter(({ network }) => network.name === name)
// #endregion cache

const results = (): string => join(directory(), 'results')

/** All three are words without a slash. */
const fileOf = (name: string, { containerId, ifName }: Attachment): string =>
  join(results(), `${name}+${containerId}+${ifName}.json`)
