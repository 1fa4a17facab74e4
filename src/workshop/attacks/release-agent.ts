/** The kernel itself starts the program, on the host, as root. The hierarchy is one of ours, so that no other is touched. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calls } from '../../kernel/libc.ts'
import { removeCgroup } from '../../kernel/cgroup-remove.ts'
import { sleep } from '../../kernel/sleep.ts'
import type { Attack } from './attack.ts'
import { secret, Token } from './token.ts'
import { Unseen } from './verdict.ts'
import { eventually } from './wait.ts'

// #region agent
export const releaseAgent: Attack = {
  name: 'release-agent',
  story: 'have the kernel start a program on the host, when a cgroup empties',
  closedBy: 5,
  attempt: (ground) => {
    const hierarchy = ground.keep(new Hierarchy())
    const token = ground.keep(new Token())
    const agent = join(ground.rootfs, secret())
    const script = `#!/bin/sh\necho out > ${token.path}\n`
    writeFileSync(agent, script, { mode: 0o755 })
    ground.atEnd(() => rmSync(agent))
    return {
      args: ground.program('release-agent', hierarchy.options, agent),
      succeeded: () =>
        hierarchy.agent() === agent && eventually(() => token.isThere()),
    }
  },
}
// #endregion agent

/** A v1 hierarchy of the host's that has no controller, as systemd's is. It is gone when nobody has it mounted and no cgroup is left in it. */
class Hierarchy implements Disposable {
  readonly #name = `name=${secret()}`
  readonly options = `none,${this.#name}`
  readonly #place = new Token()

  constructor() {
    try {
      mkdirSync(this.#place.path)
      this.#mount()
    } catch (error) {
      this.#place[Symbol.dispose]()
      throw unlessKnown(error)
    }
  }

  agent(): string {
    return readFileSync(join(this.#place.path, 'release_agent'), 'utf8').trim()
  }

  /** What rmdir(2) has taken is gone a moment later. A hierarchy that is unmounted before that stays, and can only be mounted again. */
  [Symbol.dispose](): void {
    removeCgroup(join(this.#place.path, 'short'))
    calls.umount2(this.#place.path, 0)
    for (let tries = 0; tries < TRIES && this.#isThere(); tries += 1) {
      sleep(10)
      this.#mount()
      calls.umount2(this.#place.path, 0)
    }
    this.#place[Symbol.dispose]()
  }

  #mount(): void {
    calls.mount('cgroup', this.#place.path, 'cgroup', 0, this.options)
  }

  #isThere(): boolean {
    return readFileSync('/proc/self/cgroup', 'utf8').includes(`:${this.#name}:`)
  }
}

const TRIES = 200

/** Where the kernel refuses it to the host itself. */
const REASONS: Record<string, string> = {
  ENODEV: 'this kernel has no cgroups of version 1',
  EPERM: 'only the host’s root may make a hierarchy of cgroups',
}

function unlessKnown(error: unknown): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? error : new Unseen(reason)
}
