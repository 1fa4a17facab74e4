/** A box with no Node at all: the native launcher and a plan from a file, beside a C program that makes the same calls and does nothing else. */
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { encode } from '../../src/plan/encode.ts'
import { plan } from '../../src/plan/plan.ts'
import type { Command, Place } from './subjects.ts'

export const BARE = 'bare C'

const LAUNCH = fileURLToPath(new URL('../../dist/launch', import.meta.url))
const SOURCE = fileURLToPath(new URL('bare.c', import.meta.url))
const BWRAP = '/usr/bin/bwrap'

/** Stage 3's walls: namespaces, mounts, devices. By the name that the table gives them. */
export function natives({ directory, rootfs }: Place): Record<string, Command> {
  const [bare, bytes] = [join(directory, 'bare'), join(directory, 'box.plan')]
  execFileSync('cc', ['-O2', '-static', '-w', '-o', bare, SOURCE])
  const spec = defaultSpec({ id: 'bench', rootfs, args: ['true'] })
  writeFileSync(bytes, encode(plan(spec, [namespaces, mounts, devices, command], readMachine())))
  return {
    [BARE]: [bare, rootfs, '/bin/true'],
    'launch box.plan': [LAUNCH, bytes],
    ...(existsSync(BWRAP) && { bwrap: [BWRAP, ...WALLS, '--bind', rootfs, '/', ...FILE_SYSTEMS, 'true'] }),
  }
}

const WALLS = ['--unshare-pid', '--unshare-uts', '--unshare-ipc', '--unshare-cgroup', '--as-pid-1', '--hostname', 'box']
const FILE_SYSTEMS = ['--proc', '/proc', '--dev', '/dev', '--ro-bind', '/sys', '/sys']
