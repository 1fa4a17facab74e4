/** Whoever mounts looks first whether /proc is a link. It is none, and then it is one. CVE-2021-30465. */
import { spawn } from 'node:child_process'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { calls } from '../../kernel/libc.ts'
import type { Attack } from './attack.ts'
import { compiled } from './ground.ts'
import { Image } from './image.ts'
import { MountToken } from './mount-token.ts'

/** Less than the racer has. */
const PATIENCE_MS = 8000

// #region race
export const symlinkRace: Attack = {
  name: 'symlink-race',
  story: 'exchange a directory for a link while something is mounted on it',
  closedBy: 3,
  attempt: (ground) => {
    const image = ground.keep(new Image('dev', 'sys', 'tmp', 'proc'))
    const token = ground.keep(new MountToken())
    const [place, link] = [join(image.path, 'proc'), join(image.path, 'link')]
    image.link(token.directory, '/link')
    const racer = spawn(compiled('attack'), ['symlink-race', place, link])
    if (ground.stage.lesson < 3) mountCarefully(place, image, token)
    ground.atEnd(() => racer.kill('SIGKILL'))
    return {
      onLauncher: true,
      rootfs: image.path,
      args: ['/attack', 'nothing'],
      succeeded: () => token.isMounted(),
    }
  },
}
// #endregion race

/** Again and again, as somebody does who has heard of links, and not of races. */
function mountCarefully(place: string, image: Image, token: MountToken): void {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    if (token.isMounted()) return
    image.unmount()
    if (!lstatSync(place).isSymbolicLink())
      calls.mount('proc', place, 'proc', 0, '')
  }
}
