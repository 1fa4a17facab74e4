/**
 * Lesson 13. Clocks of its own. Who asks for a time namespace is not in it, its children will be; and once anybody is, the clocks are not set any
 * more. So the box sets them from outside, and then walks in: time_namespaces(7).
 */
import { CLONE_NEWTIME } from '../../kernel/constants.ts'
import type { Linux, Spec } from '../../oci/spec.ts'
import { box, type Draft } from '../../plan/plan.ts'

// #region clocks
/** Before the box becomes another user, from when on the file is not its own: proc(5). */
export function clocks({ linux }: Spec): Draft[] {
  const time = linux.namespaces.find(({ type }) => type === 'time')
  if (!time || time.path !== undefined) return []
  const offsets = lines(linux.timeOffsets ?? {})
  return [
    box('unshare', [CLONE_NEWTIME], 'clocks for its children'),
    ...(offsets
      ? [box('write', ['/proc/self/timens_offsets', offsets], 'set them')]
      : []),
    box(
      'setns',
      ['/proc/self/ns/time_for_children', CLONE_NEWTIME],
      'and walk in: they are its own as well',
    ),
  ]
}

/** `monotonic 86400 0`: what is added to a clock, in seconds and nanoseconds. */
const lines = (offsets: NonNullable<Linux['timeOffsets']>): string =>
  Object.entries(offsets)
    .map(
      ([clock, { secs = 0n, nanosecs = 0 }]) =>
        `${clock} ${secs} ${nanosecs}\n`,
    )
    .join('')
// #endregion clocks
