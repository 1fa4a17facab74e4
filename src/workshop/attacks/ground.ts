/**
 * Where an attack is made: a stage, a root file system, and a host that is this machine's own but for what an attack could hurt. Mounts, the
 * host's name and the network are stand-ins: namespaces that this process enters, and that are gone when it is, however it ends.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CLONE_NEWNET,
  CLONE_NEWUTS,
  MNT_DETACH,
  MS_PRIVATE,
} from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { built } from '../../launch/addon.ts'
import { enterOwnMounts } from '../judge/own-mounts.ts'
import type { Stage } from '../stage.ts'
import { Unseen } from './verdict.ts'

// #region stand-in
/** For the rest of this process's life. Whoever is started from here on is in there as well. */
export function enterStandIn(): void {
  enterOwnMounts()
  calls.unshare(CLONE_NEWUTS | CLONE_NEWNET)
  if (existsSync(built('attack')))
    execFileSync(built('attack'), ['host', 'loopback'])
}
// #endregion stand-in

// #region ground
/** In the box's /tmp stands a tmpfs for this one attempt, so that nothing of it stays in the image. */
export class Ground implements Disposable {
  readonly rootfs: string
  readonly stage: Stage
  readonly #atEnd: (() => void)[] = []

  constructor(rootfs: string, stage: Stage) {
    this.rootfs = rootfs
    this.stage = stage
    const place = join(rootfs, 'tmp')
    calls.mount('attack', place, 'tmpfs', 0, 'mode=1777,size=64m')
    calls.mount('none', place, '', MS_PRIVATE, '')
  }

  /** A path of the box as the host names it. */
  outside(path: string): string {
    return join(this.rootfs, path)
  }

  /** The command that makes an attack of native/attacks, in the box. */
  program(name: string, ...args: string[]): string[] {
    copyFileSync(compiled('attack'), this.outside('tmp/attack'))
    return ['/tmp/attack', name, ...args]
  }

  /** Where the box finds a procfs: its own /proc, or one that somebody has mounted into the chroot, as is usual. */
  procfs(): string {
    if (this.stage.lesson >= 3) return '/proc'
    mkdirSync(this.outside('tmp/proc'))
    calls.mount('proc', this.outside('tmp/proc'), 'proc', 0, '')
    return '/tmp/proc'
  }

  /** Of the attacker, when the kernel has refused it something. */
  lastWords(): { refused?: string } {
    const path = this.outside('tmp/last-words')
    return existsSync(path)
      ? { refused: readFileSync(path, 'utf8').trim() }
      : {}
  }

  /** What is to be done when the attempt is over, however it ends; the last that was asked for first. */
  atEnd(work: () => void): void {
    this.#atEnd.push(work)
  }

  keep<T extends Disposable>(resource: T): T {
    this.atEnd(() => resource[Symbol.dispose]())
    return resource
  }

  [Symbol.dispose](): void {
    const errors = this.#atEnd.reverse().flatMap(failureOf)
    calls.umount2(join(this.rootfs, 'tmp'), MNT_DETACH)
    if (errors.length > 0)
      throw new AggregateError(errors, 'Cannot take an attack away')
  }
}
// #endregion ground

/** One that fails keeps none of the others from being done. */
function failureOf(work: () => void): unknown[] {
  try {
    work()
    return []
  } catch (error) {
    return [error]
  }
}

/** @throws Unseen when there was no compiler to make it. */
export function compiled(name: 'attack' | 'attack.so'): string {
  if (existsSync(built(name))) return built(name)
  throw new Unseen(
    'it is a program in C, and there was no compiler for it (Debian: gcc libc6-dev)',
  )
}

/** The command that does the host's part. */
export const onHost = (name: string, ...args: string[]): string[] => [
  compiled('attack'),
  'host',
  name,
  ...args,
]
