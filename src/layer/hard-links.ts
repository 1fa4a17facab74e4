/**
 * A file with several names is brought once; its other names are links to the first. Where one name is new, those that have not changed come along:
 * otherwise a layer that is unpacked by itself would make two files of one.
 */
import type { Name } from './names.ts'
import type { Found } from './walk.ts'

/** Something to be written: a file, or one more name of one that was. */
export interface Written {
  found: Found
  /** The directories on the way to it. */
  way: readonly OnTheWay[]
  target?: Name
}

export interface OnTheWay {
  found: Found
  isWritten: boolean
}

export class HardLinks {
  readonly #first = new Map<string, Name>()
  readonly #waiting = new Map<string, Written[]>()

  // #region links
  /** @returns what is to be written now. */
  written(found: Found, way: readonly OnTheWay[], isChanged: boolean): Written[] {
    const { dev, ino, nlink } = found.stats
    if (found.kind === 'directory' || nlink === 1n) return isChanged ? [{ found, way }] : []
    const inode = `${dev}:${ino}`
    const [target, waiting] = [this.#first.get(inode), this.#waiting.get(inode) ?? []]
    if (target !== undefined) return [{ found, way, target }]
    if (isChanged) this.#first.set(inode, found.name)
    else this.#waiting.set(inode, [...waiting, { found, way }])
    return isChanged ? [{ found, way }, ...waiting.map((other) => ({ ...other, target: found.name }))] : []
  }
  // #endregion links
}
