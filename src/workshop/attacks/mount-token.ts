/** A directory of the host on which nothing is mounted, and nothing should be. */
import { MNT_DETACH } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { Token } from './token.ts'

export class MountToken extends Token {
  isMounted(): boolean {
    return readMountInfo().some(
      ({ mountPoint }) => mountPoint === this.directory,
    )
  }

  override [Symbol.dispose](): void {
    while (this.isMounted()) calls.umount2(this.directory, MNT_DETACH)
    super[Symbol.dispose]()
  }
}
