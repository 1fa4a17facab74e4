/** Plans played by the native launcher alone: no Node is in between. */
import { spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { parentOf, statusField } from '../../src/kernel/proc.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, plan, type Draft, type Plan } from '../../src/plan/plan.ts'
import { skipWithoutRoot, until, World } from './world.ts'

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

/** Plays the steps, and looks at the process while its command, sleep(1), runs. */
export async function lookAt(steps: readonly Draft[], look: (pid: number) => void): Promise<void> {
  await using world = new World()
  const [plan, number] = [join(world.directory, 'plan'), join(world.directory, 'pid')]
  fs.writeFileSync(
    plan,
    encode(planned(...steps, box('execvpe', ['sleep', ['sleep', '600'], ['PATH=/bin:/usr/bin']], ''))),
  )
  const launcher = spawn(LAUNCH, ['-i', number, plan], { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    const pid = await until('the box', () => {
      if (launcher.exitCode !== null) throw new Error('Cannot look at the box: it has ended')
      return fs.existsSync(number) && Number(fs.readFileSync(number, 'utf8'))
    })
    await until('its command', () => /sleep/.test(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')))
    look(pid)
  } finally {
    launcher.kill()
  }
}

/** A box's monitor when it has settled down. The command may run before the monitor has said that it does, and has let go of what it no longer needs. */
export async function monitorOf(pid: number): Promise<number> {
  const monitor = parentOf(pid) ?? 0
  await until(
    'a monitor that waits for signals',
    () => openIn(monitor).includes('anon_inode:[signalfd]') && statusField(monitor, 'State').startsWith('S'),
  )
  return monitor
}

/** What a process has open beyond the three that everybody has; sorted. */
export function openIn(pid: number): string[] {
  const links = fs.readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2)
  return links.map((fd) => linkOf(`/proc/${pid}/fd/${fd}`).replace(/\d+/g, 'N')).sort()
}

/** It may have been closed since. */
function linkOf(path: string): string {
  try {
    return fs.readlinkSync(path)
  } catch {
    return 'closed'
  }
}
