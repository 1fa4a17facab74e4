/** What is known of snapshots, and the rules that hold between them, whichever way their files are kept. Each change is one transaction, or none. */
import { relabelled } from '../content/labels.ts'
import { SnapshotError, type Info, type Kind, type Usage } from './snapshotter.ts'

/** `id` is the name of its directory: that of the snapshot may be anything. `usage` is counted once, when it is committed. */
export interface Stored extends Info {
  id: string
  usage?: Usage
}

/** One snapshotter's part of the database, inside a transaction. */
export interface Records {
  get(name: string): Stored | undefined
  put(stored: Stored): void
  remove(name: string): void
  all(): Iterable<Stored>
  /** A number that nobody has had before. */
  next(): number
}

export interface Shelf {
  read<T>(act: (records: Records) => T): T
  /** When `act` throws, nothing has changed. Nobody else changes anything meanwhile. What frees room needs none. */
  change<T>(act: (records: Records) => T, options?: { frees?: boolean }): T
  /** Away with what somebody was killed at before it was a record. */
  sweep(): void
}

// #region rules
export function find(records: Records, name: string): Stored {
  const stored = records.get(name)
  if (stored) return stored
  throw new SnapshotError('not-found', `Cannot find snapshot "${name}": there is none of that name`)
}

/** @param parent has to be committed: what others stand on does not change. */
export function create(records: Records, kind: Kind, name: string, parent: string | undefined, labels: Info['labels']) {
  refuseTaken(records, name)
  if (parent !== undefined && find(records, parent).kind !== 'committed')
    throw new SnapshotError(
      'failed-precondition',
      `Cannot make snapshot "${name}" on "${parent}": that one is not committed`,
    )
  const now = new Date().toISOString()
  const id = String(records.next())
  const stored: Stored = { id, kind, name, labels, created: now, updated: now, ...(parent !== undefined && { parent }) }
  records.put(stored)
  return stored
}

export function commit(records: Records, name: string, key: string, usage: Usage, labels: Info['labels']): Stored {
  const active = refuseKind(find(records, key), ['active'], 'commit')
  refuseTaken(records, name)
  const now = new Date().toISOString()
  const committed: Stored = { ...active, kind: 'committed', name, labels, usage, updated: now }
  records.remove(key)
  records.put(committed)
  return committed
}

export function remove(records: Records, name: string): Stored {
  const stored = find(records, name)
  const child = [...records.all()].find(({ parent }) => parent === name)
  if (child)
    throw new SnapshotError('failed-precondition', `Cannot remove snapshot "${name}": "${child.name}" stands on it`)
  records.remove(name)
  return stored
}
// #endregion rules

// #region chain
/** The nearest first. */
export function parentsOf(records: Records, { parent }: Stored): Stored[] {
  if (parent === undefined) return []
  const stored = find(records, parent)
  return [stored, ...parentsOf(records, stored)]
}
// #endregion chain

export function relabel(records: Records, name: string, labels: Info['labels']): Stored {
  const stored = find(records, name)
  const changed = { ...stored, labels: relabelled(stored.labels, labels), updated: new Date().toISOString() }
  records.put(changed)
  return changed
}

export function refuseKind(stored: Stored, kinds: readonly Kind[], verb: string): Stored {
  if (kinds.includes(stored.kind)) return stored
  throw new SnapshotError('failed-precondition', `Cannot ${verb} snapshot "${stored.name}": it is ${stored.kind}`)
}

function refuseTaken(records: Records, name: string): void {
  if (!records.get(name)) return
  throw new SnapshotError('already-exists', `Cannot make snapshot "${name}": there is one of that name`)
}
