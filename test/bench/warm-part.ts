/** Boxes from a Node that stays, with a small heap and with a large one. */
import { BARE, natives } from './natives.ts'
import { HEAPS, runBoth, type Heap } from './node.ts'
import { mapped } from './stage-part.ts'
import type { Place } from './subjects.ts'
import { summary, type Summary } from './summary.ts'
import { totalTable } from './tables.ts'

export type WarmFigures = Record<string, { one: Record<string, Summary>; hundred: Summary }>

const ROUNDS = 5

export function measureWarm(place: Place, runs: number): WarmFigures {
  const { [BARE]: bare } = natives({ ...place, directory: `${place.directory}/warm` }, true)
  if (bare === undefined) throw new Error('Cannot measure a warm Node: the C program is not there')
  return mapped(runBoth(bare, Math.min(ROUNDS, runs), runs, place), ({ whole, bare, spawned, hundred }) => ({
    one: { [BARE]: summary(bare), runBox: summary(whole), 'bare C, by spawn': summary(spawned) },
    hundred: summary(hundred),
  }))
}

export const warmTables = (figures: WarmFigures): string =>
  Object.entries(figures)
    .map(
      ([heap, { one, hundred }]) =>
        `A warm Node, ${HEAPS[heap as Heap]} MB of heap more, in milliseconds\n\n${totalTable(one, BARE, 2)}\n\n` +
        `A hundred runBox, eight at a time: ${hundred.median.toFixed(2)} s`,
    )
    .join('\n\n')
