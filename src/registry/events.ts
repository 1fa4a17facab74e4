/** What happens while something is pulled or pushed, for whoever draws it: bars, lines, JSON. */
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'

// #region events
export type TransferEvent =
  /** A name has become a descriptor. */
  | { kind: 'resolved'; name: string; target: Descriptor }
  /** Of `size` bytes `offset` are there already, from an attempt that was broken off. */
  | { kind: 'begun'; digest: Digest; mediaType: string; size: number; offset: number }
  /** So many of its bytes have arrived, of all. */
  | { kind: 'progress'; digest: Digest; size: number; offset: number }
  /** `present`: it was there before. `foreign`: it is left out, as its media type wants. */
  | { kind: 'done'; digest: Digest; size: number; how: 'transferred' | 'present' | 'mounted' | 'foreign' }
  /** It will be tried again in so many milliseconds. */
  | { kind: 'again'; delay: number; why: string }
  /** A mirror could not help, and the next place is asked. */
  | { kind: 'mirror'; host: string; why: string }

export type OnEvent = (event: TransferEvent) => void
// #endregion events
