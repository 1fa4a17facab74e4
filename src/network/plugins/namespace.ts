/** Network namespaces, entered for a moment. The main thread alone goes there, and all of this is synchronous: setns(2). */
import { closeSync, existsSync, openSync } from 'node:fs'
import { CLONE_NEWNET } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { readAddresses, readLinks, type Link } from '../../kernel/interfaces.ts'

// #region inside
/** Does something in another network namespace, and comes back. */
export function inside<T>(netns: string, work: () => T): T {
  const back = openSync('/proc/self/ns/net', 'r')
  try {
    calls.setns(netns, CLONE_NEWNET)
    return work()
  } finally {
    calls.setns(`/proc/self/fd/${back}`, CLONE_NEWNET)
    closeSync(back)
  }
}
// #endregion inside

/** A namespace's file goes with its last process, unless somebody keeps it. */
export const isThere = (netns: string): boolean => netns !== '' && existsSync(netns)

export const linkNamed = (name: string): Link | undefined => readLinks().find((link) => link.name === name)

/** In CIDR notation. */
export const addressesOf = ({ index }: Link): string[] =>
  readAddresses()
    .filter((one) => one.index === index)
    .map(({ address, prefix }) => `${address}/${prefix}`)
