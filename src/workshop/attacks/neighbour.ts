/** A process of the host that has something in its memory, and something in memory that it shares. It ends when we do. */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readSync } from 'node:fs'
import { onHost } from './ground.ts'
import { secret } from './token.ts'

/** Where its page is; both sides know. */
export const ADDRESS = 0x7e0000000000

export class Neighbour implements Disposable {
  /** Of its shared memory: shmget(2). */
  readonly key = randomInt(1, 2 ** 31)
  readonly secret = secret()
  readonly #child

  constructor() {
    const words = [String(ADDRESS), String(this.key), this.secret]
    const [file = '', ...args] = onHost('neighbour', ...words)
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async ready(): Promise<this> {
    await once(this.#child.stdout, 'data')
    return this
  }

  /** The first bytes of its page, read by the host's root: proc_pid_mem(5). */
  read(length: number): Buffer {
    const memory = openSync(`/proc/${this.pid}/mem`, 'r')
    try {
      const bytes = Buffer.alloc(length)
      readSync(memory, bytes, 0, length, ADDRESS)
      return bytes
    } finally {
      closeSync(memory)
    }
  }

  /** It takes its shared memory away when nobody is at the other end any more. */
  [Symbol.dispose](): void {
    this.#child.stdin.end()
  }
}
