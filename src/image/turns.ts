/** So many at once, and the others in the order in which they have asked. */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []
  readonly #ended = new AbortController()

  constructor(most: number) {
    this.#free = most
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      this.#ended.signal.throwIfAborted()
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }

  /** Nobody begins any more. @throws the reason. */
  end = (reason: unknown): never => {
    this.#ended.abort(reason)
    throw reason
  }
}
