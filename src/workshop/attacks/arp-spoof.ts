/** On the bridge are the host and all boxes. Which hardware address belongs to which of them, whoever asks is told by whoever answers. */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { randomBytes } from 'node:crypto'
import type { Attack } from './attack.ts'
import { Unseen } from './verdict.ts'

/** From the bridge's address to one that nobody has. */
const DISTANCE = 200

// #region spoof
export const arpSpoof: Attack = {
  name: 'arp-spoof',
  story: 'answer for another address of the bridge',
  closedBy: 8,
  attempt: (ground) => {
    if (ground.stage.lesson < 7)
      throw new Unseen('there is no bridge before lesson 7')
    const hardware = `02:${randomBytes(5).toString('hex').match(/../g)?.join(':')}`
    const host = createSocket('udp4')
    let [neighbour, believed] = [undefined as string | undefined, false]
    const timer = setInterval(() => {
      neighbour ??= neighbourOf(bridge())
      if (neighbour === undefined) return
      host.send('who has this address?', 9, neighbour)
      believed ||= isBelieved(neighbour, hardware)
    }, 20)
    ground.atEnd(() => {
      clearInterval(timer)
      host.close()
    })
    return {
      onLauncher: true, // a machine may have no bridge to give
      options: ['--network', 'bridge'],
      args: ground.program('arp-spoof', String(DISTANCE), hardware),
      succeeded: () => {
        if (neighbour === undefined) throw new Unseen('the box is on no bridge')
        return believed
      },
    }
  },
}
// #endregion spoof

/** What the host believes at this moment: proc_pid_net(5). */
const isBelieved = (address: string, hardware: string): boolean =>
  readFileSync('/proc/self/net/arp', 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${address} `) && line.includes(hardware))

/** The host's own address on it. In the stand-in for the host's network there is no other interface but loopback. */
const bridge = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

function neighbourOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const bytes = Buffer.from(address.split('.').map(Number))
  bytes.writeUInt32BE(bytes.readUInt32BE() + DISTANCE)
  return bytes.join('.')
}
