/** The network that we are in ourselves: whether it is ours to change, and where it is asked for names. */
import { existsSync, readFileSync } from 'node:fs'
import { SyscallError } from './error.ts'
import { route } from './netlink-socket.ts'
import { deleteLink } from './rtnetlink.ts'

export interface Network {
  /** Have we the right to make interfaces in it? As root of a user namespace, only when the network belongs to that one. */
  ours: boolean
  /** Lines of resolv.conf(5) that a box with a network of its own can use, too. */
  resolver: string[]
}

export const readNetwork = (): Network => ({ ours: isOurs(), resolver: readResolver() })

/** Asks for something that cannot be: who may not ask is told so first. rtnetlink(7): EPERM. */
function isOurs(): boolean {
  try {
    route(deleteLink(0))
    return true
  } catch (error) {
    if (error instanceof SyscallError) return error.code !== 'EPERM'
    throw error
  }
}

/** systemd's stub listens on 127.0.0.53; whom it asks itself is written in its own file: systemd-resolved.service(8). */
const FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']

// #region resolver
/** @param texts of the files, the first first. @returns the lines of the first that names somebody else than this machine. */
export function readResolver(texts = FILES.map(read)): string[] {
  const all = texts.map((text) => text.split('\n').map((line) => line.trim()))
  const usable = all.find((lines) => lines.some(isElsewhere)) ?? []
  return usable.filter((line) => isElsewhere(line) || /^(search|domain|options)\s/.test(line))
}
// #endregion resolver

const isElsewhere = (line: string): boolean => /^nameserver\s/.test(line) && !/^nameserver\s+(127\.|::1\b)/.test(line)

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
