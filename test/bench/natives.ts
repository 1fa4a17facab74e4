/**
 * The same box, made by programs that are no Node: the native launcher with a plan from a file; a C program that makes the same calls and does
 * nothing else; crun and bubblewrap, where they are installed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as constants from '../../src/kernel/constants.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { encode } from '../../src/plan/encode.ts'
import { plan } from '../../src/plan/plan.ts'
import { bundleOf } from '../../src/workshop/compare/bundle.ts'
import { FILTER, specOf, WALLS } from './box.ts'
import type { Program } from './clock.ts'
import type { Place } from './subjects.ts'

export const BARE = 'bare C'
const LAUNCH = 'launch box.plan'
export const CRUN = 'crun run'

const LAUNCHER = fileURLToPath(new URL('../../dist/launch', import.meta.url))
const SOURCE = fileURLToPath(new URL('bare.c', import.meta.url))

/** By the name that the table gives them. */
export function natives(place: Place, networked: boolean): Record<string, Program> {
  const directory = join(place.directory, networked ? 'network' : 'no-network')
  mkdirSync(directory, { recursive: true })
  return {
    [BARE]: bare(place, directory, networked),
    [LAUNCH]: launch(place, directory, networked),
    ...(existsSync('/usr/bin/bwrap') && { bwrap: bwrap(place, directory, networked) }),
    ...(existsSync('/usr/bin/crun') && { [CRUN]: crun(place, directory, networked) }),
  }
}

/** By the compiler that has made the launcher: musl's programs start faster. */
function bare({ rootfs }: Place, directory: string, networked: boolean): Program {
  const [program, filter] = [join(directory, 'bare'), join(directory, 'filter')]
  const headers = ['/usr/include', `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`]
  const musl = ['musl-gcc', ...headers.flatMap((headers) => ['-idirafter', headers])]
  const built = [musl, ['cc']].some(([compiler = '', ...options]) => {
    const { status } = spawnSync(compiler, [...options, '-O2', '-static', '-s', '-w', '-o', program, SOURCE])
    return status === 0
  })
  if (!built) throw new Error('Cannot build the yardstick: no C compiler has done it')
  writeFileSync(filter, FILTER)
  return { file: program, args: ['bare', rootfs, String(namespacesOf(networked)), filter, '/bin/true'] }
}

const namespacesOf = (networked: boolean): number =>
  constants.CLONE_NEWNS |
  constants.CLONE_NEWUTS |
  constants.CLONE_NEWIPC |
  constants.CLONE_NEWCGROUP |
  (networked ? constants.CLONE_NEWNET : 0)

function launch({ rootfs }: Place, directory: string, networked: boolean): Program {
  const bytes = join(directory, 'box.plan')
  writeFileSync(bytes, encode(plan(specOf(rootfs, 'bench', networked), WALLS, readMachine())))
  return { file: LAUNCHER, args: ['launch', bytes] }
}

function bwrap({ rootfs }: Place, directory: string, networked: boolean): Program {
  const walls = [
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-ipc',
    '--unshare-cgroup',
    '--as-pid-1',
    '--hostname',
    'box',
  ]
  const fileSystems = ['--bind', rootfs, '/', '--proc', '/proc', '--dev', '/dev', '--ro-bind', '/sys', '/sys']
  const args = [...walls, ...(networked ? ['--unshare-net'] : []), ...fileSystems, '--seccomp', '3', '/bin/true']
  return { file: '/usr/bin/bwrap', args: ['bwrap', ...args], files: [join(directory, 'filter')] }
}

function crun({ rootfs }: Place, directory: string, networked: boolean): Program {
  writeFileSync(join(directory, 'config.json'), bundleOf(specOf(rootfs, 'bench', networked)))
  const state = ['--root', join(directory, 'crun'), '--cgroup-manager=disabled']
  return { file: '/usr/bin/crun', args: ['crun', ...state, 'run', '--bundle', directory, 'bench'] }
}
