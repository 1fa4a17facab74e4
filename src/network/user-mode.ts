/**
 * A way out for those who may not change the machine's network: a program of ours, of no privilege, that speaks to the world by ordinary sockets
 * and to the box as if it were a network. pasta(1) or slirp4netns(1), whichever is there. It ends with the box.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, existsSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { mayAccess, replaceFile } from '../kernel/file.ts'
import { isAlive, processId, type ProcessId } from '../kernel/proc.ts'
import type { PortMapping } from '../oci/network.ts'
import { directory, tidy } from './cni/cache.ts'
import { CniError, ERRORS } from './cni/spec.ts'
import { exclusively } from './exclusive.ts'
import type { Wish } from './wish.ts'

// #region start
/** @param box its process number. @throws CniError when neither program is there, or it ends before the box has a way out. */
export async function startUserMode({ network, id, ports = [] }: Wish, box: number): Promise<void> {
  if (network !== 'bridge')
    throw new CniError(
      ERRORS.plugin,
      `Cannot attach the box to "${network}": this machine's network is not ours to change\n  As root it can be done; without, there is --network bridge`,
    )
  const [pasta, slirp] = ['pasta', 'slirp4netns'].map(find)
  if (pasta !== undefined) await startPasta(pasta, id, ports, box)
  else if (slirp !== undefined) await startSlirp(slirp, id, ports, box)
  else
    throw new CniError(
      ERRORS.plugin,
      'Cannot give the box a way out: without root it takes pasta or slirp4netns, and neither is there\n  Install one (Debian: passt), or leave --network and --publish out',
    )
}

/** It may be gone already: with its PID namespace, or by itself; and its number may be another's since. */
export function stopUserMode({ id }: Pick<Wish, 'id'>): void {
  const file = fileOf(id)
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessId) : undefined
  if (known && isAlive(known)) process.kill(known.pid, 'SIGKILL')
  exclusively(directory(), () => {
    for (const one of [file, socketOf(id)]) rmSync(one, { force: true })
    tidy()
  })
}
// #endregion start

const fileOf = (id: string): string => join(directory(), `${id}.json`)

const socketOf = (id: string): string => join(directory(), `${id}.sock`)

/** The one that would be taken. */
export const userModeProgram = (): string | undefined => find('pasta') ?? find('slirp4netns')

function find(name: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, name))
  return places.find((file) => mayAccess(file, constants.X_OK))
}

/** Written down, so that whoever comes after us can end it. */
function begin(file: string, words: readonly string[], id: string, pipes: number): ChildProcess {
  const stdio = ['ignore', 'ignore', 'pipe', ...Array.from({ length: pipes }, () => 'pipe' as const)] as const
  const child = spawn(file, words, { stdio: [...stdio] })
  const known = JSON.stringify(processId(child.pid ?? 0) ?? { pid: 0, started: 0 })
  exclusively(directory(), () => replaceFile(fileOf(id), known))
  for (const stream of child.stdio.slice(2)) (stream as unknown as Socket).unref()
  child.unref()
  return child
}

// #region pasta
/** What it would do by itself is undone: it would show the box what listens at this machine's 127.0.0.1, by two ways. */
const ISOLATED = ['--no-map-gw', '--tcp-ns', 'none', '--udp-ns', 'none']

async function startPasta(file: string, id: string, ports: readonly PortMapping[], box: number): Promise<void> {
  const words = ['--config-net', '--foreground', '--quiet', '--ns-ifname', 'eth0', ...ISOLATED]
  const child = begin(file, [...words, ...specs('tcp', ports), ...specs('udp', ports), String(box)], id, 0)
  await whenThere(child, 'pasta', () => readFileSync(`/proc/${box}/net/route`, 'utf8').includes('\neth0\t00000000\t'))
}

/** `--tcp-ports 127.0.0.1/8080:80`. */
function specs(protocol: string, ports: readonly PortMapping[]): string[] {
  const own = ports.filter((port) => (port.protocol ?? 'tcp') === protocol)
  const words = own.map(
    ({ hostIP, hostPort, containerPort }) => `${hostIP ? `${hostIP}/` : ''}${hostPort}:${containerPort}`,
  )
  return (words.length > 0 ? words : ['none']).flatMap((word) => [`--${protocol}-ports`, word])
}
// #endregion pasta

// #region slirp
/** It says by one descriptor when it is ready, and ends when the other is closed: with this process at the latest. */
async function startSlirp(file: string, id: string, ports: readonly PortMapping[], box: number): Promise<void> {
  const socket = socketOf(id)
  const words = ['--configure', '--mtu=65520', '--disable-host-loopback', '--ready-fd=3', '--exit-fd=4']
  const child = begin(file, [...words, '--api-socket', socket, String(box), 'eth0'], id, 2)
  let ready = false
  ;(child.stdio[3] as Socket).once('data', () => (ready = true))
  await whenThere(child, 'slirp4netns', () => ready)
  for (const port of ports) await forward(socket, port)
  rmSync(socket, { force: true })
}

async function forward(
  path: string,
  { protocol = 'tcp', hostIP = '0.0.0.0', hostPort, containerPort }: PortMapping,
): Promise<void> {
  const socket = connect(path)
  const asked = { proto: protocol, host_addr: hostIP, host_port: hostPort, guest_port: containerPort }
  socket.end(JSON.stringify({ execute: 'add_hostfwd', arguments: asked }))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  const { error } = JSON.parse(answer.toString()) as { error?: { desc?: string } }
  if (error)
    throw new CniError(ERRORS.plugin, `Cannot publish port ${hostPort}: slirp4netns says: ${error.desc ?? 'it cannot'}`)
}
// #endregion slirp

/** Neither of the two is a system call that is over when it returns: it is asked until it is. */
async function whenThere(child: ChildProcess, name: string, isThere: () => boolean): Promise<void> {
  let said = ''
  let failed: string | undefined
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
  child.once('error', ({ message }) => (failed = message))
  while (!isThere()) {
    if (failed !== undefined || child.exitCode !== null || child.signalCode !== null)
      throw new CniError(
        ERRORS.plugin,
        `Cannot give the box a way out: ${name} ended before there was one\n  ${failed ?? (said.trim().split('\n').slice(0, 3).join('; ') || `status ${child.exitCode}`)}`,
      )
    await passed(5)
  }
}
