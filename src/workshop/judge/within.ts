/** A question that only a process inside a namespace is answered: this thread goes there, asks, and comes back. setns(2). */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calls } from '../../kernel/libc.ts'
import type { Namespace } from '../../kernel/proc.ts'
import { built } from '../../launch/addon.ts'
import { encode } from '../../plan/encode.ts'
import { box } from '../../plan/plan.ts'

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

/** The same for a file, by another process: root of a user namespace may go into a box's namespace, but not back into one of the host's. */
export function readWithin(pid: number, kind: Namespace, flag: number, file: string): string {
  const place = mkdtempSync(join(tmpdir(), 'boxwright-question-'))
  try {
    const why = 'where the box is'
    const steps = [
      box('setns', [`/proc/${pid}/ns/${kind}`, flag], why),
      box('execvpe', ['cat', ['cat', file], [`PATH=${process.env['PATH'] ?? ''}`]], why),
    ]
    writeFileSync(join(place, 'plan'), encode(steps.map((step) => ({ ...step, lesson: 4 }))))
    return execFileSync(built('launch'), [join(place, 'plan')], { encoding: 'utf8' })
  } finally {
    rmSync(place, { recursive: true })
  }
}
