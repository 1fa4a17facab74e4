/** A program of the host that listens, and knows when it has been told a secret. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type ListenOptions } from 'node:net'
import { secret } from './token.ts'
import { eventually } from './wait.ts'

export class Listener implements Disposable {
  readonly secret = secret()
  readonly #server = createServer((socket) => {
    socket.on('error', () => {}) // whoever called may be killed meanwhile
    socket.on('data', (words: Buffer) => (this.#heard += words.toString()))
  })
  #heard = ''
  #calls = 0

  async on(place: ListenOptions): Promise<this> {
    this.#server.on('connection', () => (this.#calls += 1))
    this.#server.listen(place)
    await once(this.#server, 'listening')
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Whoever has connected is heard out. */
  async hasHeard(): Promise<boolean> {
    const isHeard = (): boolean => this.#heard.includes(this.secret)
    await new Promise(setImmediate)
    return this.#calls > 0 && eventually(isHeard)
  }

  [Symbol.dispose](): void {
    this.#server.close()
  }
}
