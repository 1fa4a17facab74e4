/** Where the judge is judged: a world, with a desk in it, and programs of a few lines. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { World, type Ran } from './world.ts'

export const repository = fileURLToPath(new URL('../../', import.meta.url))
export const LESSONS = [
  '01-chroot',
  '02-namespaces',
  '03-mounts',
  '04-cgroups',
  '05-threads',
  '06-users',
  '07-network',
  '08-security',
]
export const numberOf = (lesson: string): string => String(parseInt(lesson, 10))

export interface Judged {
  passed: number
  total: number
  checks: { id: string; verdict: string; found?: string; cause?: string }[]
}

export class Court extends World {
  boxwright(...words: string[]): Promise<Ran> {
    return this.run(words, { env: { BOXWRIGHT_WORK: join(this.directory, 'work') } })
  }

  /** The verdict of `check`, whose exit status says the same. */
  async judged(...words: string[]): Promise<Judged> {
    const at = words.includes('--') ? words.indexOf('--') : words.length
    const { stdout, stderr, status } = await this.boxwright(
      'check',
      ...words.slice(0, at),
      '--json',
      ...words.slice(at),
    )
    assert.ok(stdout.startsWith('{'), stderr)
    const verdict = JSON.parse(stdout) as Judged
    assert.equal(status, verdict.passed === verdict.total ? 0 : 1)
    return verdict
  }

  /** A program that is not ours, of a few lines of shell, which has all words that it is given. */
  program(...lines: string[]): string {
    const file = join(this.newPlace(), 'program')
    fs.writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
    return file
  }

  /** ROOTFS and the command are `"$@"`: the verb before them is taken away. */
  script(...lines: string[]): string {
    return this.program('shift', ...lines)
  }
}

/** In a shell: passes over the limits, which stand before ROOTFS. */
export const WITHOUT_LIMITS = 'while [ "${1#--}" != "$1" ]; do shift 2; done'

export const failedIn = ({ checks }: Judged): string[] =>
  checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id)

export const shown = (verdict: Judged): string =>
  JSON.stringify(verdict.checks.filter((check) => check.verdict !== 'passed'))
