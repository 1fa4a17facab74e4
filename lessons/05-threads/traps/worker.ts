/** A thread may not be born into another PID namespace than its process is in: after this wish Node can start none. */
import { Worker } from 'node:worker_threads'
import { CLONE_NEWPID } from '../../../src/kernel/constants.ts'
import { calls } from '../../../src/kernel/libc.ts'

// #region worker
calls.unshare(CLONE_NEWPID)
try {
  new Worker('console.log("a thread")', { eval: true })
} catch (error) {
  console.log('no thread:', (error as Error).message)
}
// #endregion worker
