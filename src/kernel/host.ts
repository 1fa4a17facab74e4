/** What a ledger needs of the kernel that Node has not. The addon is one such; lessons 1–4 do without a compiler, and so without the addon. */
import { MNT_DETACH, PR_SET_CHILD_SUBREAPER } from './constants.ts'
import { calls } from './libc.ts'

export interface Host {
  /** Orphans among what we have started become our children: prctl(2), PR_SET_CHILD_SUBREAPER. */
  adopt(): void
  /** A mount goes, whoever uses it: umount2(2), MNT_DETACH. */
  detach(path: string): void
}

export const byFfi: Host = {
  adopt: () => calls.prctl(PR_SET_CHILD_SUBREAPER, 1, 0),
  detach: (path) => calls.umount2(path, MNT_DETACH),
}
