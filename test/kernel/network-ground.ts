/** A network of the test's own: a machine in a network namespace, and a neighbour of it in another, who knows nothing of any box. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { CLONE_NEWNET, NETLINK_NETFILTER } from '../../src/kernel/constants.ts'
import { readLinks } from '../../src/kernel/interfaces.ts'
import { calls } from '../../src/kernel/libc.ts'
import { attributesIn, dump } from '../../src/kernel/netlink.ts'
import { exchange, route } from '../../src/kernel/netlink-socket.ts'
import * as rtnetlink from '../../src/kernel/rtnetlink.ts'
import { inside, linkNamed } from '../../src/network/plugins/namespace.ts'
import { until } from './world.ts'

/** The machine's address, and the neighbour's. */
export const MACHINE = '192.0.2.1'
export const NEIGHBOUR = '192.0.2.2'

const PLUGINS = '/usr/lib/cni'

/** For a test's options. */
export const skipWithoutPlugins: string | false =
  existsSync(`${PLUGINS}/bridge`) || existsSync('/opt/cni/bin/bridge')
    ? false
    : 'no CNI plugins are installed (Debian: containernetworking-plugins)'

/** @returns why not. From here on this process, and what it starts, are in the namespace. */
export function enterOwnNetwork(): string | false {
  try {
    calls.unshare(CLONE_NEWNET)
    route(rtnetlink.linkUp(rtnetlink.LOOPBACK))
    return false
  } catch (error) {
    return `root may not make a network namespace here: ${(error as Error).message}`
  }
}

export class Neighbour implements AsyncDisposable {
  readonly #process: ChildProcess

  constructor() {
    this.#process = spawn('unshare', ['--net', 'sleep', '1000'], { stdio: 'ignore' })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** A cable between the two, without any route beyond it. */
  async connect(): Promise<this> {
    await until('the neighbour', () => readFileSync(`/proc/${this.pid}/comm`, 'utf8') === 'sleep\n')
    route(rtnetlink.newVeth('outside0', { name: 'outside1', pid: this.pid }))
    settle('outside0', `${MACHINE}/24`)
    inside(`/proc/${this.pid}/ns/net`, () => settle('outside1', `${NEIGHBOUR}/24`))
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
    await until('the end of the cable', () => !linkNamed('outside0'))
  }
}

function settle(name: string, address: string): void {
  const index = linkNamed(name)?.index ?? 0
  route(rtnetlink.newAddress(index, address), rtnetlink.linkUp(index))
}

/** A listener in a process's network namespace: who connects is told by which address it is seen. */
export class Listener implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #ready: Promise<unknown>

  constructor(pid: number, port: number) {
    const script = `require('net').createServer((c) => c.on('error', () => {}).on('data', () => c.end(c.remoteAddress))).listen(${port}, '0.0.0.0', () => console.log('ready'))`
    this.#process = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#ready = once(this.#process.stdout as NodeJS.EventEmitter, 'data')
  }

  async listening(): Promise<this> {
    await this.#ready
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}

/** What a process in that namespace is told when it connects: an address, or an error's code. It speaks first: an old pasta waits for that. */
export async function connect(pid: number | 'self', address: string, port: number): Promise<string> {
  const script = `const c = require('net').connect({ host: '${address}', port: ${port}, timeout: 4000 });
    c.write('?');
    c.on('data', (d) => console.log(String(d))).on('error', (e) => console.log(e.code)).on('timeout', () => { console.log('ETIMEDOUT'); c.destroy() })`
  const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(child, 'close')
  return text.trim()
}

const NFT_MSG_GETTABLE = (10 << 8) | 1

/** What a box could leave in this network: interfaces, tables of the packet filter, and whether packets are carried on. */
export const state = (): { interfaces: string[]; tables: string[]; forwarding: string } => ({
  interfaces: readLinks().map(({ name }) => name),
  tables: exchange(NETLINK_NETFILTER, [dump(NFT_MSG_GETTABLE, Buffer.alloc(4))]).map(
    ({ body }) => attributesIn(body.subarray(4)).get(1)?.subarray(0, -1).toString() ?? '',
  ),
  forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim(),
})
