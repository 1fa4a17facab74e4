/** A process of the host's that does what Node cannot (native/attacks/host.c). It ends when its standard input does: when we do, at the latest. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onHost } from './ground.ts'

export class HostProcess implements Disposable {
  /** What it has printed so far. */
  printed = ''
  readonly #child

  constructor(...words: [name: string, ...args: string[]]) {
    const [file = '', ...args] = onHost(...words)
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.printed += chunk.toString()
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async ready(): Promise<this> {
    await once(this.#child.stdout, 'data')
    return this
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end()
  }
}
