/** On the bridge are the host and all boxes. Which hardware address belongs to which of them, whoever asks is told by whoever answers. */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
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
    let timer: NodeJS.Timeout | undefined
    let believed = false
    ground.atEnd(() => {
      clearInterval(timer)
      host.close()
    })
    return {
      args: ground.program('arp-spoof', String(DISTANCE), hardware),
      watch: (pid) => {
        const neighbour = neighbourOf(pid)
        timer = setInterval(() => {
          host.send('who has this address?', 9, neighbour)
          believed ||= isBelieved(neighbour, hardware)
        }, 20)
      },
      succeeded: () => believed,
    }
  },
}
// #endregion spoof

/** What the host believes at this moment: proc_pid_net(5). */
const isBelieved = (address: string, hardware: string): boolean =>
  readFileSync('/proc/self/net/arp', 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${address} `) && line.includes(hardware))

/** @throws Unseen when the box has no way out. */
function neighbourOf(pid: number): string {
  const routes = readFileSync(`/proc/${pid}/net/route`, 'utf8').split('\n')
  const gateway = routes
    .map((line) => line.split('\t'))
    .find(([, destination]) => destination === '00000000')?.[2]
  if (gateway === undefined) throw new Unseen('the box is on no bridge')
  const bytes = Buffer.from(gateway, 'hex').reverse()
  bytes.writeUInt32BE(bytes.readUInt32BE() + DISTANCE)
  return bytes.join('.')
}
