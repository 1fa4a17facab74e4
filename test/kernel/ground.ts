/** A test's own ground: a directory, programs, cgroups, mounts, devices. All of it goes away with the test, last made first. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCgroups } from '../../src/kernel/cgroups.ts'
import { hasCode } from '../../src/kernel/error-code.ts'
import { calls } from '../../src/kernel/libc.ts'
import { Extra } from './actor.ts'
import { until } from './world.ts'
import { Unfit, type Ground, type Started } from './injections/injection.ts'

export class OwnGround implements Ground, AsyncDisposable {
  readonly place = fs.mkdtempSync(join(tmpdir(), 'boxwright-explain-'))
  readonly #cleanup: (() => unknown)[] = [() => fs.rmSync(this.place, { recursive: true, force: true })]
  readonly #cgroups = readCgroups()

  constructor() {
    fs.chmodSync(this.place, 0o755)
  }

  start = async (words: readonly string[]): Promise<Started> => {
    const extra = new Extra(words)
    this.#cleanup.push(() => extra[Symbol.asyncDispose]())
    const first = await extra.line()
    return { pid: extra.pid, first, tell: (line) => extra.tell(line), line: () => extra.line() }
  }

  cgroup = (controller?: string): string => {
    const v1 = (this.#cgroups.v1 as Record<string, string | undefined>)[controller ?? '']
    const above = v1 ?? this.#unified(controller)
    const directory = join(above, `boxwright-explain-${randomBytes(4).toString('hex')}`)
    fs.mkdirSync(directory)
    this.#cleanup.push(() => until(`the end of ${directory}`, () => isRemoved(directory)))
    return directory
  }

  handedDown = (): string => {
    const [controller] = this.#cgroups.v2?.available ?? []
    if (controller === undefined) throw new Unfit('the v2 tree has no controller')
    this.#unified(controller)
    return controller
  }

  mounted = (path: string, flags: number): void => {
    calls.mount('tmpfs', path, 'tmpfs', flags, '')
    this.#cleanup.push(() => calls.umount2(path, 0))
  }

  blockDevice = (): string => {
    fs.writeFileSync(join(this.place, 'disk'), Buffer.alloc(1 << 20))
    try {
      const device = execFileSync('losetup', ['--find', '--show', join(this.place, 'disk')], {
        encoding: 'utf8',
      }).trim()
      this.#cleanup.push(() => execFileSync('losetup', ['--detach', device]))
      return device
    } catch (error) {
      throw new Unfit(`no block device is to be had: ${(error as Error).message}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#cleanup.reverse()) await undo()
  }

  /** Where cgroups can be made in v2. A controller that is not handed down there is, until the test has ended. */
  #unified(controller: string | undefined): string {
    const { v2 } = this.#cgroups
    if (!v2) throw new Unfit('no v2 tree is mounted here')
    if (controller === undefined) return v2.base
    if (!v2.available.includes(controller)) throw new Unfit(`these cgroups have no ${controller} controller`)
    if (!v2.enabled.includes(controller)) {
      const control = join(v2.base, 'cgroup.subtree_control')
      fs.writeFileSync(control, `+${controller}`)
      this.#cleanup.push(() => fs.writeFileSync(control, `-${controller}`))
    }
    return v2.base
  }
}

/** Whoever was in it has been ended, and may take a moment to be gone. */
function isRemoved(directory: string): boolean {
  const entries = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  if (!entries.every(({ name }) => isRemoved(join(directory, name)))) return false
  try {
    fs.rmdirSync(directory)
    return true
  } catch (error) {
    if (!hasCode(error, 'EBUSY')) throw error
    return false
  }
}
