/** The box's /proc is a link that came with the image. Where it leads, whoever mounts outside of the box mounts. CVE-2019-19921. */
import { join } from 'node:path'
import { calls } from '../../kernel/libc.ts'
import type { Attack } from './attack.ts'
import { Image } from './image.ts'
import { MountToken } from './mount-token.ts'

// #region link
export const imageLink: Attack = {
  name: 'image-link',
  story: 'have /proc mounted where a link in the image leads',
  closedBy: 3,
  attempt: (ground) => {
    const image = ground.keep(new Image('dev', 'sys', 'tmp'))
    const token = ground.keep(new MountToken())
    const place = join(image.path, 'proc')
    image.link(token.directory, '/proc')
    // A chroot has no /proc unless somebody mounts it from outside, by its path.
    if (ground.stage.lesson < 3) calls.mount('proc', place, 'proc', 0, '')
    return {
      onLauncher: true,
      rootfs: image.path,
      args: ['/attack', 'nothing'],
      succeeded: () => token.isMounted(),
    }
  },
}
// #endregion link
