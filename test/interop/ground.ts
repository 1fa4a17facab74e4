/** What the tests with containerd, Docker, Podman and umoci share: the runtime they are given, programs that are run, an image made of nothing but busybox. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { PATIENCE_MS, until } from '../kernel/until.ts'
import { REPOSITORY } from './machine.ts'

const { bin } = JSON.parse(fs.readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { bin: Env }

/** The runtime that is driven. `BOXWRIGHT_RUNTIME=/usr/sbin/runc` shows what the tests themselves are worth. */
export const RUNTIME = process.env['BOXWRIGHT_RUNTIME'] ?? join(REPOSITORY, bin['boxwright-runc'] ?? 'boxwright-runc')

export const IMAGE = 'boxwright.test/busybox:1'

/** A command that says "ready", goes on for as long as nobody stops it, says "stopped" when SIGTERM comes, and ends with 3. */
export const PATIENT = ['sh', '-c', 'trap "echo stopped; exit 3" TERM; echo ready; while :; do sleep 0.05; done']

export interface Ran {
  status: number
  stdout: string
  stderr: string
}

export type Env = Record<string, string>

/** Runs a program to its end. @param after what it has to have said before it is given its input. */
export async function ran(words: readonly string[], { input = '', env = {}, after = /^/ } = {}): Promise<Ran> {
  const child = start(words, env)
  const texts = ['', '']
  for (const [n, stream] of [child.stdout, child.stderr].entries())
    stream?.on('data', (chunk: Buffer) => {
      texts[n] = `${texts[n] ?? ''}${chunk.toString()}`
      give()
    })
  const give = (): void => {
    if (after.test(texts[0] ?? '') && !child.stdin?.writableEnded) child.stdin?.end(input)
  }
  child.stdin?.on('error', () => {}) // a program need not read its input
  give()
  const [status] = (await once(child, 'close')) as [number | null]
  return { status: status ?? 128, stdout: texts[0] ?? '', stderr: texts[1] ?? '' }
}

/** @returns the standard output of a program that has to succeed. */
export async function said(words: readonly string[], options: { input?: string; env?: Env } = {}): Promise<string> {
  const { status, stdout, stderr } = await ran(words, options)
  assert.equal(status, 0, `${words.join(' ')}\n${stdout}${stderr}`)
  return stdout.trim()
}

export const start = (words: readonly string[], env: Env = {}): ChildProcess =>
  spawn(words[0] ?? '', words.slice(1), {
    env: { ...process.env, ...env },
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })

/** In a terminal of 33 lines of 77 columns. script(1) passes the exit status on. */
export const inTerminal = (words: readonly string[]): string[] => {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  return ['script', '--quiet', '--return', '--command', `stty cols 77 rows 33; ${quoted}`, '/dev/null']
}

/** script(1) may lose what is said at the end: so it is not the end until all of it has come. */
export const ranInTerminal = (words: readonly string[]): Promise<Ran> =>
  ran(inTerminal(['sh', '-c', '"$@"; status=$?; echo all said; read -r line; exit $status', 'sh', ...words]), {
    input: '\n',
    after: /all said/,
  })

/** A server of this machine's, whose log is shown when it does not come up. */
export class Daemon implements AsyncDisposable {
  readonly #words: readonly string[]
  readonly log: string
  #child: ChildProcess | undefined

  constructor(...words: readonly string[]) {
    this.#words = words
    this.log = `/tmp/${words[0] ?? ''}.log`
  }

  /** @param isUp is asked until it says so. */
  async up(isUp: () => Promise<boolean>): Promise<this> {
    const log = fs.openSync(this.log, 'a')
    const child = spawn(this.#words[0] ?? '', this.#words.slice(1), { stdio: ['ignore', log, log] })
    fs.closeSync(log)
    this.#child = child
    try {
      await until(this.#words.join(' '), () => {
        assert.ok(child.exitCode === null && child.signalCode === null, 'it has ended')
        return isUp()
      })
    } catch (cause) {
      throw new Error(`Cannot start ${this.#words.join(' ')}:\n${fs.readFileSync(this.log, 'utf8')}`, { cause })
    }
    return this
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child?.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
    this.#child = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end('SIGTERM')
  }
}

/** The root file system that every container here has: busybox under all its names. */
export function makeRootfs(directory: string): string {
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'dev', 'sys', 'etc/init.d'])
    fs.mkdirSync(join(directory, name), { recursive: true })
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
  fs.copyFileSync(busybox, join(directory, 'bin/busybox'))
  execFileSync('chroot', [directory, '/bin/busybox', '--install', '-s', '/bin'])
  fs.writeFileSync(join(directory, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nsomebody:x:1000:1000::/tmp:/bin/sh\n')
  fs.writeFileSync(join(directory, 'etc/group'), 'root:x:0:\nsomebody:x:1000:\n')
  fs.chmodSync(join(directory, 'tmp'), 0o1777)
  return directory
}

/** `docker save`'s format, which all of them read. @returns the archive's path. */
export function makeArchive(tag = IMAGE, command: readonly string[] = ['sh']): string {
  const place = fs.mkdtempSync('/tmp/image-')
  execFileSync('tar', ['-C', makeRootfs(join(place, 'rootfs')), '-cf', join(place, 'layer.tar'), '.'])
  const digest = createHash('sha256')
    .update(fs.readFileSync(join(place, 'layer.tar')))
    .digest('hex')
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Cmd: command, Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    history: [{ created_by: 'the tests' }],
  }
  fs.writeFileSync(join(place, 'config.json'), JSON.stringify(config))
  const manifest = [{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }]
  fs.writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest))
  execFileSync('tar', ['-C', place, '-cf', join(place, 'image.tar'), 'manifest.json', 'config.json', 'layer.tar'])
  return join(place, 'image.tar')
}

/** The processes whose words fit, by their numbers in this machine. */
export const processes = (fits: (words: string[]) => boolean): number[] =>
  fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => fits(wordsOf(pid)))
    .map(Number)

function wordsOf(pid: string): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

/** Directories of cgroups whose names fit, in all hierarchies. */
export const cgroupsNamed = (name: string): string[] =>
  execFileSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${name}*`], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
