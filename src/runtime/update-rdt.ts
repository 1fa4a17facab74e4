/** Other schemata for a container's class of cache and memory bandwidth: the kernel's Documentation/filesystems/resctrl.rst. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of `linux.intelRdt`. */
export interface RdtWish {
  closID?: string
  l3CacheSchema?: string
  memBwSchema?: string
}

const RESCTRL = '/sys/fs/resctrl'

// #region rdt
/** @returns what is to be written once all else is in force; nothing when nothing is asked. @throws Error when there is no such class. */
export function rdtSchemata(id: string, own: RdtWish | undefined, wish: RdtWish): { write(): void } | undefined {
  const lines = [wish.l3CacheSchema, wish.memBwSchema].filter((line) => line !== undefined)
  if (lines.length === 0) return undefined
  const file = join(RESCTRL, own?.closID ?? id, 'schemata')
  const [fact, remedy] = !existsSync(join(RESCTRL, 'schemata'))
    ? [
        'this machine has no resctrl file system',
        `Mount it, where the processor can do it: mount -t resctrl resctrl ${RESCTRL}`,
      ]
    : !own || !existsSync(file)
      ? ['the container has no class of its own', 'Make it with linux.intelRdt in config.json']
      : []
  if (fact !== undefined) throw new Error(`Cannot set linux.intelRdt to "${lines.join(' ')}": ${fact}\n  ${remedy}`)
  return { write: () => writeFileSync(file, `${lines.join('\n')}\n`) }
}
// #endregion rdt
