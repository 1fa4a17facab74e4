/** The v2 tree as it is, read from the kernel's own files, and whether this machine has one that can be tested. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { readCgroups } from '../../src/kernel/cgroups.ts'
import { skipWithoutRoot } from '../kernel/world.ts'

const { layout, v2 } = readCgroups()

export const ROOT = v2?.mount ?? '/sys/fs/cgroup'

/** A disk that a test may read from. The machine of `npm run test:v2` has one, and only there is this set. */
export const disk = process.env['BOXWRIGHT_TEST_DISK']

/** For a test's options. In the machine nothing is skipped: were it not what it is there for, the tests would fail. */
export const skipElsewhere: string | false =
  disk === undefined && (skipWithoutRoot || (layout !== 'v2' && `cgroups here are ${layout}: npm run test:v2 runs it`))

export const read = (...path: string[]): string => fs.readFileSync(join(...path), 'utf8').trim()

/** A flat keyed file holds `key value` lines. */
export const keyed = (key: string, ...path: string[]): number =>
  Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(read(...path))?.[1])

export const members = (directory: string): number[] =>
  read(directory, 'cgroup.procs').split('\n').filter(Boolean).map(Number)

/** Every cgroup at and below a directory: its name, what it hands down, who is in it. */
export function tree(directory: string): string[] {
  const children = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const own = `${directory}: hands down ${read(directory, 'cgroup.subtree_control') || 'nothing'}, ${members(directory).join(' ')}`
  return [own, ...children.flatMap(({ name }) => tree(join(directory, name)))]
}

/** The names of all cgroups of ours. The host's own come and go. */
export const ours = (): string[] =>
  fs
    .readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.existsSync(join(ROOT, name, 'cgroup.procs')) && name.includes('boxwright'))
