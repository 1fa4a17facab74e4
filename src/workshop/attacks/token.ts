/** What proves that an attack got there: something on the host that no box can know, or could have made. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ground } from './ground.ts'

// #region tokens
/** What nobody guesses. All of them begin alike, so that they are recognised when found by accident. */
export const secret = (): string =>
  `boxwright-${randomBytes(8).toString('hex')}`

/** A directory of the host, and the path of a file that is not there. Whoever gets to it may make it: only a wall keeps them. */
export class Token implements Disposable {
  readonly directory: string
  readonly path: string

  constructor(below = tmpdir()) {
    this.directory = mkdtempSync(join(below, 'boxwright-token-'))
    this.path = join(this.directory, secret())
    chmodSync(this.directory, 0o777)
  }

  isThere(): boolean {
    return existsSync(this.path)
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Where the box puts what it has found, and whether the host's secret is in it. */
export const LOOT = '/tmp/loot'

export function readLoot(ground: Ground): Buffer {
  const loot = ground.outside(LOOT)
  return existsSync(loot) ? readFileSync(loot) : Buffer.alloc(0)
}

export const isStolen = (ground: Ground, what: string | Buffer): boolean =>
  readLoot(ground).includes(what)
// #endregion tokens
