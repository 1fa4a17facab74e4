/**
 * What is known of things besides their bytes: names, labels, leases. It is kept in LMDB, one file that several processes have open at once: a change
 * is there as a whole or not at all, whoever dies in the middle of it.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, linkSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { hasCode } from '../kernel/error-code.ts'
import { loadLmdb } from './lmdb.ts'
import { asNoRoom, keepPages, requireRoom } from './room.ts'

// #region metadata
export interface Metadata {
  /** What `act` puts and removes is there when this returns, and nobody else, in no process, changes anything meanwhile. */
  change<T>(act: () => T, options?: { frees?: boolean }): T
  /** Of what else changes with the change that is under way. */
  accompany(one: Companion): void
  table<Row>(name: string): Table<Row>
  close(): void
}

export interface Companion {
  /** The last act of the change, if it has not failed by then. */
  last(): void
  /** The change is there, or has failed; and others may come. */
  ended(isThere: boolean): void
}

export interface Table<Row> {
  get(key: string): Row | undefined
  put(key: string, row: Row): void
  remove(key: string): void
  all(): { key: string; row: Row }[]
}
// #endregion metadata

/** @param path of the file, made when it is not there. */
export function openMetadata(path: string): Metadata {
  if (!existsSync(path)) create(path)
  const database = open(path)
  const file = openSync(path, 'r+')
  let depth = 0
  let companions: Companion[] = []
  const whole = <T>(change: () => T, frees = false): T => {
    if (!frees) keepPages(file)
    const result = change()
    for (const one of companions) one.last()
    return result
  }
  const ended = (isThere: boolean): void => {
    depth--
    const all = companions
    companions = []
    for (const one of all) one.ended(isThere)
  }
  const act: Metadata['change'] = (change, options) => {
    if (depth > 0) return change()
    if (!options?.frees) requireRoom(dirname(path))
    depth++
    try {
      const result = database.transactionSync(() => whole(change, options?.frees))
      ended(true)
      return result
    } catch (error) {
      if (depth > 0) ended(false)
      throw asNoRoom(error, dirname(path))
    }
  }
  return {
    change: act,
    accompany: (one) => void companions.push(one),
    table: (name) => tableIn(database, name, act),
    close: () => {
      void database.close()
      closeSync(file)
    },
  }
}

// #region table
/** A key is the table's name, a slash, and what the table calls it; the character after the slash ends the table. */
function tableIn<Row>(database: Database<unknown, string>, name: string, change: Metadata['change']): Table<Row> {
  const keyOf = (key: string): string => `${name}/${within(key)}`
  const range = { start: `${name}/`, end: `${name}0` }
  const rowOf = ({ key, value }: { key: string; value: unknown }): { key: string; row: Row } => ({
    key: key.slice(name.length + 1),
    row: value as Row,
  })
  return {
    get: (key) => change(() => database.get(keyOf(key)), READS) as Row | undefined,
    put: (key, row) => void change(() => database.put(keyOf(key), row)),
    remove: (key) => void change(() => database.remove(keyOf(key)), { frees: true }),
    all: () => change(() => [...database.getRange(range).map(rowOf)], READS),
  }
}
// #endregion table

/**
 * Who reads changes nothing, and takes its turn all the same. LMDB would tell its readers apart by their numbers, and those count in one PID namespace:
 * without root each command is number 1 of its own.
 */
const READS = { frees: true }

/** LMDB takes keys of 1978 bytes, with pages of 4096. */
function within(key: string): string {
  const bytes = Buffer.byteLength(key)
  if (bytes > 0 && bytes <= LONGEST_KEY && !key.includes('\0')) return key
  throw new RangeError(`Cannot keep ${JSON.stringify(key.slice(0, 60))}: a name has 1 to ${LONGEST_KEY} bytes`)
}

const LONGEST_KEY = 1900

/**
 * LMDB begins with two pages, and could not read its file again if the disk had been full in between: it is begun beside, and put in its place when it
 * is whole. Who comes second finds the first one's. The file of its locks is mapped into memory: a hole in that would be SIGBUS when the disk is full.
 */
function create(path: string): void {
  const draft = `${path}.${randomUUID()}`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  requireRoom(dirname(path))
  try {
    for (const locks of [`${draft}-lock`, `${draft}-locks`]) writeFileSync(locks, Buffer.alloc(LOCKS))
    void open(draft).close()
    unlessThere(() => linkSync(`${draft}-locks`, `${path}-lock`))
    unlessThere(() => linkSync(draft, path))
  } catch (error) {
    throw asNoRoom(error, dirname(path))
  } finally {
    for (const file of [draft, `${draft}-lock`, `${draft}-locks`]) rmSync(file, { force: true })
  }
}

/** Room for four hundred readers, of 64 bytes each. */
const LOCKS = 32 * 1024

function unlessThere(make: () => void): void {
  try {
    make()
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

/** What was written is on the disk when it counts as done. */
const open = (path: string): RootDatabase<unknown, string> =>
  loadLmdb().open({ path, noSubdir: true, encoding: 'json', overlappingSync: false, cache: false })
