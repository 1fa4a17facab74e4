/** What one plan has and another has not: the longest common subsequence of their steps, and what is left over on either side. */
import type { Plan, Step } from './plan.ts'
import { symbolic } from './symbols.ts'

export interface Difference<Item = Step> {
  sign: ' ' | '-' | '+'
  step: Item
}

type Same<Item> = (one: Item, other: Item) => boolean

// #region diff
export const diff = (before: Plan, after: Plan): Difference[] => align(before, after, sameStep)

/** The same for anything else that comes in an order. */
export function align<Item>(before: readonly Item[], after: readonly Item[], same: Same<Item>): Difference<Item>[] {
  const common = lengths(before, after, same)
  const rows: Difference<Item>[] = []
  let [a, b] = [0, 0]
  while (a < before.length || b < after.length) {
    const [old, fresh] = [before[a], after[b]]
    if (old && fresh && same(old, fresh)) {
      rows.push({ sign: ' ', step: fresh })
      a += 1
      b += 1
    } else if (fresh && (!old || at(common, a, b + 1) > at(common, a + 1, b))) {
      rows.push({ sign: '+', step: fresh })
      b += 1
    } else if (old) {
      rows.push({ sign: '-', step: old })
      a += 1
    }
  }
  return rows
}
// #endregion diff

const sameStep = (one: Step, other: Step): boolean => one.lane === other.lane && symbolic(one) === symbolic(other)

/** `lengths[a][b]`: how many steps the rests of the two, from a and from b on, have in common. */
function lengths<Item>(before: readonly Item[], after: readonly Item[], same: Same<Item>): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  for (const [a, old] of [...before.entries()].reverse()) {
    for (const [b, fresh] of [...after.entries()].reverse()) {
      const length = same(old, fresh) ? at(table, a + 1, b + 1) + 1 : Math.max(at(table, a + 1, b), at(table, a, b + 1))
      table[a]?.splice(b, 1, length)
    }
  }
  return table
}

const at = (table: readonly number[][], a: number, b: number): number => table[a]?.[b] ?? 0
