/** Two makings side by side: what both did, what one did alone, and what both did but not alike. */
import { align } from '../../plan/diff.ts'
import type { Made } from './making.ts'

export interface Compared {
  /** `~`: both make the call, elsewhere, or on another way, or with other arguments. */
  sign: ' ' | '-' | '+' | '~'
  theirs?: Made
  ours?: Made
}

// #region compare
/** Lane by lane, in their order; what we alone do stands where we do it. */
export function compareMakings(theirs: readonly Made[], ours: readonly Made[]): Compared[] {
  const rows = [
    ...sides(inLane('host', theirs), inLane('host', ours)),
    ...sides(inLane('box', theirs), inLane('box', ours)),
  ]
  const spare = rows.filter(({ sign }) => sign === '+')
  for (const equal of [isSame, isAlike])
    for (const row of rows.filter(({ sign }) => sign === '-')) {
      const at = spare.findIndex((other) => equal(row.theirs, other.ours))
      const [partner] = at < 0 ? [] : spare.splice(at, 1)
      if (partner?.ours) Object.assign(row, { sign: '~', ours: partner.ours })
    }
  return rows.filter((row) => row.sign !== '+' || spare.includes(row))
}
// #endregion compare

const inLane = (lane: Made['lane'], made: readonly Made[]): Made[] => made.filter((call) => call.lane === lane)

const isSame = (one?: Made, other?: Made): boolean => one?.text === other?.text
const isAlike = (one?: Made, other?: Made): boolean => one?.subject === other?.subject

function sides(theirs: readonly Made[], ours: readonly Made[]): Compared[] {
  let [a, b] = [0, 0]
  return align(theirs, ours, isSame).map(({ sign }) => {
    const [old, fresh] = [sign === '+' ? undefined : theirs[a++], sign === '-' ? undefined : ours[b++]]
    return { sign, ...(old && { theirs: old }), ...(fresh && { ours: fresh }) }
  })
}
