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
import { hasCode } from '../../kernel/error-code.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo, type MountEntry } from '../../kernel/mountinfo.ts'
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
    for (let all = this.#mounts(); all.length > 0; all = this.#mounts())
      for (const { mountPoint } of all.reverse()) detach(mountPoint)
  }

  #mounts(): MountEntry[] {
    return readMountInfo().filter(({ mountPoint }) =>
      mountPoint.startsWith(`${this.path}/`),
    )
  }

  [Symbol.dispose](): void {
    this.unmount()
    rmSync(this.path, { recursive: true })
  }
}

/** One that has got another name since it was looked up is found again. */
function detach(mountPoint: string): void {
  try {
    calls.umount2(mountPoint, MNT_DETACH)
  } catch (error) {
    if (!hasCode(error, 'EINVAL')) throw error
  }
}
