/** Random input that can be had again: the seed is printed, and BOXWRIGHT_TEST_SEED repeats a run. */
import type { TestContext } from 'node:test'

export interface Random {
  /** A whole number from 0 up to, not including, `limit`. */
  below: (limit: number) => number
  pick: <T>(list: readonly T[]) => T
  /** A list of up to `most` things. */
  list: <T>(most: number, make: () => T) => T[]
  /** Text of up to `most` characters, each of `alphabet`. */
  text: (most: number, alphabet?: string) => string
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export function seeded(t: TestContext): Random {
  const seed = Number(process.env['BOXWRIGHT_TEST_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`BOXWRIGHT_TEST_SEED=${seed}`)
  return drawnFrom(seed)
}

/** The same input for the same seed. */
export function drawnFrom(seed: number): Random {
  const below = mulberry32(seed)
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make)
  return {
    below,
    list,
    pick: (all) => all[below(all.length)] as (typeof all)[number],
    text: (most, alphabet = LETTERS) => list(most, () => alphabet[below(alphabet.length)]).join(''),
  }
}

/** The same numbers for the same seed. */
function mulberry32(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
