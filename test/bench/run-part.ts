/** A container of an image that is here, by a command that begins cold; beside the runtime alone, in a directory of the same files, and beside other engines. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withoutUnified } from './hidden.ts'
import { mapped } from './stage-part.ts'
import { timed, type Command, type Place } from './subjects.ts'
import { summary, type Summary } from './summary.ts'
import { totalTable } from './tables.ts'

export type RunFigures = Record<string, Summary>

const DIST = join(import.meta.dirname, '../../dist')
const [OURS, RUNTIME, IN_NODE, PODMAN] = ['boxwright run', 'boxwright-runc run', 'the same in Node', 'podman run']
const IMAGE = 'boxwright/base'
const WORDS = ['run', '--rm', '--network', 'none'] as const

export function measureRun(outer: Place, runs: number): RunFigures {
  const data = join(outer.directory, 'data')
  const place = { ...outer, env: { ...outer.env, BOXWRIGHT_DATA: data } }
  const boxwright = join(DIST, 'boxwright')
  const rows: Record<string, Command> = {
    [RUNTIME]: [join(DIST, 'boxwright-runc'), 'run', '--bundle', bundleLike(place, boxwright), 'boxwright-bench'],
    [OURS]: [boxwright, ...WORDS, IMAGE, '/bin/true'],
    [IN_NODE]: [process.execPath, join(DIST, '../src/cli/boxwright.mjs'), ...WORDS, IMAGE, '/bin/true'],
    ...podman(place, boxwright),
  }
  const times: Record<string, number[]> = {}
  try {
    for (let run = 0; run < runs; run += 1)
      for (const [name, command] of Object.entries(rows)) {
        const ground = name === PODMAN ? withoutUnified : <T>(work: () => T): T => work() // for its crun
        ;(times[name] ??= []).push(ground(() => timed(command, place)))
      }
  } finally {
    spawnSync('umount', [join(outer.directory, 'podman/overlay')]) // Podman leaves it mounted
    spawnSync('find', [
      '/sys/fs/cgroup',
      '-depth',
      '-path',
      '*/libpod_parent*',
      '-type',
      'd',
      '-exec',
      'rmdir',
      '{}',
      ';',
    ]) // and these, empty
  }
  return mapped(times, summary)
}

/** What `boxwright run` has written for its runtime; but the root file system is a directory, with the same files, and not laid together of layers. */
function bundleLike(place: Place & { env: NodeJS.ProcessEnv }, boxwright: string): string {
  timed([boxwright, 'run', '--network', 'none', IMAGE, '/bin/true'], place)
  const containers = join(place.env['BOXWRIGHT_DATA'] ?? '', 'containers')
  const kept = join(containers, readdirSync(containers).find((name) => name !== 'names') ?? '')
  const config = JSON.parse(readFileSync(join(kept, 'config.json'), 'utf8')) as { root: object }
  const bundle = join(place.directory, 'like')
  mkdirSync(bundle)
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ...config, root: { path: place.rootfs } }))
  return bundle
}

/** With a store of its own, and without what it would ask of systemd. */
function podman({ directory, env }: Place, boxwright: string): Record<string, Command> {
  if (!existsSync('/usr/bin/podman')) return {}
  const archive = join(directory, 'base.tar')
  const own = ['--root', join(directory, 'podman'), '--runroot', join(directory, 'run/podman')]
  const words = [...own, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'] as const
  spawnSync(boxwright, ['save', '-o', archive, IMAGE], { env })
  const { status, stderr } = spawnSync('podman', [...words, 'load', '-i', archive], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot give Podman the image: ${stderr}`)
  const limits = ['--ulimit', 'nofile=16384:16384', '--ulimit', 'nproc=32768:32768'] // such as nobody is refused
  return { [PODMAN]: ['podman', ...words, ...WORDS, ...limits, IMAGE, '/bin/true'] }
}

export const runTables = (figures: RunFigures): string =>
  `run of true in a container of an image, in milliseconds\n\n${totalTable(figures, RUNTIME, 2)}`
