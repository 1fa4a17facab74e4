/** What is behind `ask('cni', …)` in a plan: the host attaches a box to a network by way of CNI, and detaches it. */
import { closeSync, openSync } from 'node:fs'
import { add, remove } from './cni/chain.ts'
import { attachedTo, directory, tidy } from './cni/cache.ts'
import { loadNetwork } from './cni/config.ts'
import { CniError, ERRORS, type Attachment } from './cni/spec.ts'
import { beginOwn, endOwn, OWN } from './own-network.ts'
import type { Wish } from './wish.ts'
import { exclusively } from './exclusive.ts'
import type { PortMapping } from '../oci/network.ts'

/** In a box the first interface that leads anywhere is called so. */
const INTERFACE = 'eth0'

/** Kept open until the box is detached: some plugins find what they have made by what is in the namespace. */
const held = new Map<string, number>()

// #region attach
/** @throws CniError with what a plugin says. Played for a step of the plan, and for its undo. */
export function attach(wish: Wish): void {
  exclusively(directory(), () => {
    try {
      if (wish.command === 'ADD') enter(wish)
      else leave(wish)
    } finally {
      tidy()
    }
  })
}

function enter({ network, id, netns = '', ports = [] }: Wish): void {
  const list = network === 'bridge' ? beginOwn() : loadNetwork(network)
  refuseTaken(ports, list.name)
  const attachment = { containerId: id, netns, ifName: INTERFACE }
  held.set(id, openSync(netns, 'r'))
  add(list, { ...attachment, ...(ports.length > 0 && { capabilities: { portMappings: ports } }) })
}

/** After `kill -9` another process does it, and the namespace has gone. CNI SPEC.md §DEL: plugins must do what they can without. */
function leave({ network, id }: Wish): void {
  const fd = held.get(id)
  const netns = fd === undefined ? '' : `/proc/${process.pid}/fd/${fd}`
  const name = network === 'bridge' ? OWN : network
  const attachment: Attachment = { containerId: id, netns, ifName: INTERFACE }
  remove(name, attachment)
  if (fd !== undefined) closeSync(fd)
  held.delete(id)
  if (name === OWN && attachedTo(OWN).length === 0) endOwn()
}
// #endregion attach

/** The kernel would take both rules, and only the first would ever be reached. */
function refuseTaken(ports: readonly PortMapping[], network: string): void {
  for (const { attachment } of attachedTo(network)) {
    const theirs = (attachment.capabilities?.['portMappings'] ?? []) as PortMapping[]
    const both = ports.find((port) => theirs.some((other) => isSamePort(port, other)))
    if (both)
      throw new CniError(
        ERRORS.plugin,
        `Cannot publish port ${both.hostPort}: it leads to the box ${attachment.containerId} already\n  Take another port of this machine, or end that box`,
      )
  }
}

const isSamePort = (one: PortMapping, other: PortMapping): boolean =>
  one.hostPort === other.hostPort &&
  one.protocol === other.protocol &&
  (one.hostIP === other.hostIP || one.hostIP === undefined || other.hostIP === undefined)
