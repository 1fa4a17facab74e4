/** What has come of an image, for whoever goes on with it while the rest is on its way. */
import type { Digest } from '../oci/digest.ts'

export class Arrivals {
  readonly #here = new Set<Digest>()
  #waiting: (() => void)[] = []
  #fault: { error: unknown } | undefined

  // #region arrivals
  /** @returns when it is here. @throws what has ended the coming of all that is not. */
  async of(digest: Digest): Promise<void> {
    while (!this.#here.has(digest)) {
      if (this.#fault) throw this.#fault.error
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  come(digest: Digest): void {
    this.#here.add(digest)
    this.#wake()
  }

  fail(error: unknown): void {
    this.#fault = { error }
    this.#wake()
  }
  // #endregion arrivals

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }
}
