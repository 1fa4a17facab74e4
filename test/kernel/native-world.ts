/** Plans played by the native launcher alone: no Node is in between. */
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { plan, type Draft, type Plan } from '../../src/plan/plan.ts'
import { skipWithoutRoot, type World } from './world.ts'

export const LAUNCH = join(import.meta.dirname, '../../dist/launch')

/** For a test's options. */
export const skipWithoutLauncher: string | false =
  skipWithoutRoot || (!fs.existsSync(LAUNCH) && 'the native launcher is not built: npm run prepare says why')

export interface Ended {
  status: number | null
  signal: NodeJS.Signals | null
  text: string
}

export interface As {
  /** Somebody who may do no harm. */
  uid?: number
  /** The launcher's own. */
  options?: string[]
  cwd?: string
  /** Kept open, and handed down, as 3, 4, 5 … */
  descriptors?: number[]
}

/** Plays bytes, as they are. */
export function play(
  world: World,
  bytes: Buffer,
  { uid = 0, options = [], cwd = '/', descriptors = [] }: As = {},
): Ended {
  const [program, file] = [join(world.directory, 'launch'), join(world.directory, 'plan')]
  if (!fs.existsSync(program)) fs.copyFileSync(LAUNCH, program)
  fs.writeFileSync(file, bytes)
  const { status, signal, stdout, stderr } = spawnSync(program, [...options, file], {
    encoding: 'utf8',
    uid,
    gid: uid,
    cwd,
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
    maxBuffer: 1 << 30,
  })
  return { status, signal, text: stdout + stderr }
}

/** A whole box: lesson 3's walls. */
export const stepsOf = (rootfs: string, ...args: string[]): Plan =>
  plan(defaultSpec({ id: 'native', rootfs, args }), [namespaces, mounts, devices, command], readMachine())

export const planned = (...drafts: Draft[]): Plan => drafts.map((draft) => ({ ...draft, lesson: 5 }))
