/** A process of the host that has something in its memory, and something in memory that it shares. */
import { randomInt } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { HostProcess } from './host-process.ts'
import { secret } from './token.ts'

/** Where its page is; both sides know. */
export const ADDRESS = 0x7e0000000000

export class Neighbour extends HostProcess {
  /** Of its shared memory: shmget(2). */
  readonly key: number
  readonly secret: string

  constructor(key = randomInt(1, 2 ** 31), word = secret()) {
    super('neighbour', String(ADDRESS), String(key), word)
    this.key = key
    this.secret = word
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
}
