/**
 * Where programs are judged: a mount namespace and a host name of the judge's own, and in it a root file system that is made anew for each trial. What a
 * program does wrong there, it does to the arena, and the arena is gone with the judge.
 */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLONE_NEWUTS, MNT_DETACH, MS_NOSUID } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { statusField } from '../../kernel/proc.ts'
import { readUsers } from '../../kernel/users.ts'
import { ARENA, enterOwnMounts } from './own-mounts.ts'

export class Arena implements Disposable {
  /** A tmpfs. Whatever process has its root, or its program, on this device is of a program that was judged. */
  readonly directory: string
  readonly device: number
  /** What the arena, for the program the host, is called. */
  readonly hostname = `host-${token()}`
  /** The mounts, by number, that no program has made. */
  readonly known: ReadonlySet<number>
  readonly #image: string

  /** @param image the root file system to copy. */
  constructor(image: string) {
    this.#image = image
    enterOwnMounts()
    joinGroup()
    calls.unshare(CLONE_NEWUTS)
    calls.sethostname(this.hostname)
    this.directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-arena-'))
    calls.mount(ARENA, this.directory, 'tmpfs', MS_NOSUID, 'mode=755')
    this.device = fs.statSync(this.directory).dev
    this.known = new Set(readMountInfo().map(({ id }) => id))
    process.env['BOXWRIGHT_RUN'] = join(this.directory, 'boxwright-run')
    process.once('exit', this.#leave)
  }

  // #region rootfs
  /**
   * A plain directory, and no mount point: pivot_root(2) wants one, and that is for the program to see to. Its parent looks like a
   * root as well, for programs that take the wrong directory.
   */
  newRootfs(): string {
    const name = token()
    const rootfs = join(this.directory, name)
    fs.cpSync(this.#image, rootfs, { recursive: true, verbatimSymlinks: true })
    for (const entry of fs.readdirSync(rootfs)) {
      const link = join(this.directory, entry)
      fs.rmSync(link, { force: true })
      fs.symlinkSync(join(name, entry), link)
    }
    return rootfs
  }
  // #endregion rootfs

  /** An empty one, of a name that nobody has heard of. */
  newDirectory(): string {
    const path = join(this.directory, token())
    fs.mkdirSync(path)
    return path
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#leave)
    this.#leave()
  }

  #leave = (): void => {
    calls.umount2(this.directory, MNT_DETACH)
    fs.rmdirSync(this.directory)
  }
}

/** Programs are born with the groups of whoever starts them. Root is often in none: then there would be nothing to be left. */
function joinGroup(): void {
  if (statusField('self', 'Groups') === '' && !readUsers().namespaced) process.setgroups?.([NO_ONES])
}

/** A group that no machine has, and no map of the lessons. */
const NO_ONES = 4_000_000_000

export const token = (): string => randomBytes(6).toString('hex')
