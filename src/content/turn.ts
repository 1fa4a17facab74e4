/** Whose turn it is: one at a time writes to one ref, in any process, and who has died has had its turn. */
import { setTimeout as later } from 'node:timers/promises'
import { copyFileSync, renameSync, statSync } from 'node:fs'
import type { Digest } from '../oci/digest.ts'
import type { Inside } from './inside.ts'
import { becomeOwner, isAtWork, isElsewhere, type Owner } from './owner.ts'

export interface Expected {
  digest?: Digest
  /** In bytes: one more is refused when it comes. */
  size?: number
  /** Holds what is written, while it is and afterwards. */
  lease?: string
  /** Otherwise whoever finds another at work is told, by an error whose code is EBUSY. */
  wait?: boolean
}

export interface IngestRow {
  /** None once it has closed. */
  owner?: Owner
  digest?: Digest
  startedAt: string
}

/** Either it is there already, or it is ours to write, from the beginning or from where it ended. */
export type Turn = { kind: 'there'; size: number } | { kind: 'ours'; owner: Owner; resumes: boolean }

export async function takeTurn(inside: Inside, ref: string, expected: Expected): Promise<Turn> {
  for (;;) {
    const turn = inside.metadata.change(() => turnNow(inside, ref, expected))
    if (turn.kind !== 'busy') return turn
    if (expected.wait === false) throw busy(ref, turn.owner)
    await later(50)
  }
}

// #region turn
/** Within a change: between the look and the claim there is nobody else. */
function turnNow(inside: Inside, ref: string, expected: Expected): Turn | { kind: 'busy'; owner: Owner } {
  const rows = inside.metadata.table<IngestRow>('ingest')
  const { digest, lease } = expected
  const file = digest && statSync(inside.places.blob(digest), { throwIfNoEntry: false })
  if (lease !== undefined) inside.leases.hold(lease, file ? `content/${digest}` : `ingest/${ref}`)
  if (file) return { kind: 'there', size: file.size }
  const before = rows.get(ref)
  const part = statSync(inside.places.part(ref), { throwIfNoEntry: false })
  if (before?.owner && isAtWork(before.owner, Math.max(Date.parse(before.startedAt), part?.mtimeMs ?? 0)))
    return { kind: 'busy', owner: before.owner }
  if (part && before?.owner && isElsewhere(before.owner)) copyAway(inside.places.part(ref))
  const owner = becomeOwner()
  rows.put(ref, { owner, ...(digest && { digest }), startedAt: new Date().toISOString() })
  return { kind: 'ours', owner, resumes: part !== undefined && before?.digest === digest }
}
// #endregion turn

/** Should the one before be alive after all, it goes on writing to a file that has no name any more. */
function copyAway(path: string): void {
  copyFileSync(path, `${path}.copy`)
  renameSync(`${path}.copy`, path)
}

/** Whoever has been taken for dead has lost its turn. */
export const isOurTurn = ({ metadata }: Inside, ref: string, { token }: Owner): boolean =>
  metadata.table<IngestRow>('ingest').get(ref)?.owner?.token === token

export const takenOver = (ref: string): Error =>
  new Error(`Cannot go on with "${ref}": another process has taken it over, since this one gave no sign of life`)

const busy = (ref: string, { pid }: Owner): Error =>
  Object.assign(new Error(`Cannot write "${ref}": process ${pid} is at it\n  Wait for it, or end it`), {
    code: 'EBUSY',
  })
