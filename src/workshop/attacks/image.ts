/** A root file system that an attacker has made: nothing in it but what the attack needs. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MNT_DETACH } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { compiled } from './ground.ts'

export class Image implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'boxwright-image-'))

  constructor(...directories: string[]) {
    for (const name of directories) mkdirSync(join(this.path, name))
    this.put(compiled('attack'), '/attack')
  }

  put(file: string, path: string): void {
    copyFileSync(file, this.#place(path))
  }

  write(text: string, path: string): void {
    writeFileSync(this.#place(path), text)
  }

  link(target: string, path: string): void {
    symlinkSync(target, this.#place(path))
  }

  #place(path: string): string {
    const place = join(this.path, path)
    mkdirSync(dirname(place), { recursive: true })
    return place
  }

  /** Whatever is mounted in it is not ours to delete. */
  unmount(): void {
    const below = readMountInfo().filter(({ mountPoint }) =>
      mountPoint.startsWith(`${this.path}/`),
    )
    for (const { mountPoint } of below.reverse())
      calls.umount2(mountPoint, MNT_DETACH)
  }

  [Symbol.dispose](): void {
    this.unmount()
    rmSync(this.path, { recursive: true })
  }
}
