/** How a failure is made for real, and what it is made with. */
import type { Call } from '../../../src/workshop/explain/cause.ts'
import * as kernel from '../../../src/kernel/constants.ts'
import { box, type Draft } from '../../../src/plan/plan.ts'

/** A process and the calls that it is to make, of which the last is refused. */
export interface Injection {
  /** Words that start a program in its surroundings. */
  as?: readonly string[]
  steps: Draft[]
  code: string
  /** Played when all has been seen. */
  afterwards?: Draft[]
  /** Look from inside the process's user namespace: limits of /proc/sys/user are each namespace's own. */
  fromInside?: true
}

/** A process that has been refused already. */
export interface Refused {
  pid: number
  call: Call
  args: readonly unknown[]
  code: string
}

export interface Started {
  pid: number
  /** What it said first. */
  first: string
  tell: (line: string) => void
  line: () => Promise<string>
}

/** What an injection may use. Everything is taken away again when the test has ended. */
export interface Ground {
  /** An empty directory. */
  place: string
  /** Starts a program and waits for its first line. */
  start: (words: readonly string[]) => Promise<Started>
  /** A fresh cgroup: of the v2 tree, or one in which a controller has its files. @throws Unfit */
  cgroup: (controller?: string) => string
  /** A controller that the v2 tree hands down, now if not before. @throws Unfit */
  handedDown: () => string
  /** A tmpfs for this process and those that it starts. */
  mounted: (path: string, flags: number) => void
  /** A block device of 1 MiB. @throws Unfit */
  blockDevice: () => string
}

/** This machine has not what the injection needs. */
export class Unfit extends Error {}

export type Inject = (ground: Ground) => Injection | Refused | Promise<Injection | Refused>

type Args<C extends Draft['call']> = Extract<Draft, { call: C }>['args']

export const step = <C extends Draft['call']>(call: C, ...args: Args<C>): Draft => box(call, args as never, '')
export const mount = (...args: Args<'mount'>): Draft => step('mount', ...args)
export const tmpfs = (path: string, flags = 0): Draft => mount('tmpfs', path, 'tmpfs', flags, '')
export const bind = (path: string): Draft => mount(path, path, '', kernel.MS_BIND, '')
export const dir = (path: string): Draft => step('mkdir', path, 0o755)

/** A mount namespace of its own, which tells nobody. */
export const OWN = [step('unshare', kernel.CLONE_NEWNS), mount('none', '/', '', kernel.MS_REC | kernel.MS_PRIVATE, '')]

/** Root of a user namespace, with a mount namespace that belongs to it. */
export const USER = ['unshare', '--user', '--map-root-user', '--mount']
export const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

/** A call that is refused, with nothing before it but what it needs. */
export const plain =
  (code: string, ...steps: Draft[]): Inject =>
  () => ({ code, steps })
