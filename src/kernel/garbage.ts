/**
 * Chunks of bytes are outside of the heap, and the collector hardly sees how much they are: half a gigabyte that has come and gone may lie there. Asked for
 * after each eight megabytes it takes half a millisecond, and memory stays flat.
 */
import { isCompiled } from './loaders.ts'

const MOST = 8 << 20

let bytes = 0
let collector: NodeJS.GCFunction | undefined

/** So many bytes more are garbage soon. */
export function countGarbage(length: number): void {
  bytes += length
  if (bytes < MOST || isCompiled) return
  bytes = 0
  collector ??= collectorOfNode()
  collector({ type: 'minor' })
}

/** As `--expose-gc` would have it, for who was started without. Few come so far: what it takes is loaded for nobody else. */
function collectorOfNode(): NodeJS.GCFunction {
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
  return process.getBuiltinModule('node:vm').runInNewContext('gc') as NodeJS.GCFunction
}
