/**
 * Lesson 13. Things that are opened where the host is in sight, and placed where the box stands: bind mounts, and devices that the box may not make.
 * Either the box opens each right before it is placed; or the launcher does, who may go where the box's root may not, and hands over some at a time.
 */
import { box, host, type Draft } from '../../plan/plan.ts'

export interface Piece {
  opened?: (slot: number, lane: typeof box) => Draft[]
  placed: (slot: number) => Draft[]
  /** By the launcher in any case. */
  outside?: boolean
}

export interface Slots {
  first: number
  /** As many are handed over at once; the number after them is for what is opened in the box. */
  count: number
}

// #region handed
/** @param outside whether the launcher opens all of them. */
export const handed = (
  pieces: readonly Piece[],
  slots: Slots,
  outside: boolean,
): Draft[] =>
  batches(
    pieces.map((piece) => ({ ...piece, outside: outside || !!piece.outside })),
    slots,
  ).flatMap((batch, n) => [
    ...batch.flatMap((slotted) => outdoors(slotted, n > 0)),
    ...batch.flatMap(indoors),
  ])

interface Slotted {
  piece: Piece
  slot: number
}

const isHanded = ({ opened, outside }: Piece): boolean => !!opened && !!outside

/** In each as many are handed over as there are numbers for. */
function batches(
  pieces: readonly Piece[],
  { first, count }: Slots,
): Slotted[][] {
  const all: Slotted[][] = [[]]
  let open = 0
  for (const piece of pieces) {
    if (isHanded(piece) && open > 0 && open % count === 0) all.push([])
    const slot = isHanded(piece) ? first + (open++ % count) : first + count
    all.at(-1)?.push({ piece, slot })
  }
  return all
}

/** The box keeps what it was handed; here the number is for the next, which cannot be opened before the box is there to take it. */
function outdoors({ piece, slot }: Slotted, later: boolean): Draft[] {
  const steps = isHanded(piece) ? (piece.opened?.(slot, host) ?? []) : []
  if (!later || steps.length === 0) return steps
  const closed = host('close', [slot], 'the box has it')
  return [closed, ...steps].map((step) => ({ ...step, waits: true }))
}

const indoors = ({ piece, slot }: Slotted): Draft[] => [
  ...(isHanded(piece) ? [] : (piece.opened?.(slot, box) ?? [])),
  ...piece.placed(slot),
  ...(piece.opened ? [box('close', [slot], 'it is where it belongs')] : []),
]
// #endregion handed
