/** Which ways to keep snapshots there are, and which of them this machine has: tried, in the order in which they are wished for. */
import { readUsers } from '../kernel/users.ts'
import type { Driver } from './driver.ts'
import { erofs } from './erofs.ts'
import { native } from './native.ts'
import { overlay, overlaySettings } from './overlay.ts'

// #region drivers
/** The first that works is taken. */
export function drivers(namespaced = readUsers().namespaced): Driver[] {
  const settings = overlaySettings(namespaced)
  return [overlay(settings), erofs(settings), native]
}

export interface Probed {
  name: string
  /** What is in the way: nothing when it works. */
  refusal?: string
}

/** @param directory where snapshots are to be, since it depends on the file system as well. */
export async function probeAll(directory: string): Promise<Probed[]> {
  const probed: Probed[] = []
  for (const driver of drivers()) {
    const refusal = await driver.probe(directory)
    probed.push({ name: driver.name, ...(refusal !== undefined && { refusal }) })
  }
  return probed
}
// #endregion drivers

// #region choose
/** @param wanted by name: it is taken untried, as whoever names it knows why. @throws Error when there is none. */
export async function chooseDriver(directory: string, wanted?: string): Promise<Driver> {
  const all = drivers()
  if (wanted !== undefined) return all.find(({ name }) => name === wanted) ?? refuse(wanted, all)
  const reasons: string[] = []
  for (const driver of all) {
    const refusal = await driver.probe(directory)
    if (refusal === undefined) return driver
    reasons.push(`${driver.name}: ${refusal}`)
  }
  throw new Error(`Cannot keep snapshots in "${directory}": no way works here\n  ${reasons.join('\n  ')}`)
}

function refuse(wanted: string, all: readonly Driver[]): never {
  const names = all.map(({ name }) => name).join(', ')
  throw new Error(`Cannot keep snapshots by "${wanted}": there is no such way\n  There are: ${names}`)
}
// #endregion choose
