/** A question that only a process inside a namespace is answered: this thread goes there, asks, and comes back. setns(2). */
import { closeSync, openSync } from 'node:fs'
import { calls } from '../../kernel/libc.ts'
import type { Namespace } from '../../kernel/proc.ts'

/** @param flag CLONE_NEWUTS or CLONE_NEWCGROUP: kinds that a thread may change by itself. */
export function within<T>(pid: number, kind: Namespace, flag: number, ask: () => T): T {
  const back = openSync(`/proc/self/ns/${kind}`, 'r')
  try {
    calls.setns(`/proc/${pid}/ns/${kind}`, flag)
    return ask()
  } finally {
    calls.setns(`/proc/self/fd/${back}`, flag)
    closeSync(back)
  }
}
