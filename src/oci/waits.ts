/**
 * Where a box is to wait before it becomes its command. The OCI's runtime specification has two commands for that, and no field: it is between the two
 * parts of one program, and ours keeps it in an annotation that nobody else can set.
 */
import type { Spec } from './spec.ts'

const WAITS = 'boxwright.waits'

/** @returns the directory with the fifos; nothing when the command is to run at once. */
export const waitsIn = ({ annotations }: Pick<Spec, 'annotations'>): string | undefined => annotations[WAITS]

export function waiting(spec: Spec, directory: string | undefined): Spec {
  const { [WAITS]: _, ...annotations } = spec.annotations
  return { ...spec, annotations: { ...annotations, ...(directory !== undefined && { [WAITS]: directory }) } }
}
