/**
 * Consoles, replayed: every command of a page is run on this machine, and what it prints is kept. The commands have a mount, a UTS and a network
 * namespace, a home, and state of their own, and leave nothing.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { enterOwnNetwork } from '../judge/own-network.ts'

/** The host's name in every output. */
const HOST = 'laptop'

// #region replay
/** @param scripts a page's commands, in their order; what one leaves in its directory the next finds. @returns what each printed. */
export async function replay(repository: string, scripts: readonly (readonly string[])[]): Promise<string[][][]> {
  using scratch = openScratch(repository)
  return await inPairs(scripts, async (commands, n) => {
    const directory = join(scratch.path, String(n))
    mkdirSync(directory)
    for (const name of ['lessons', 'node_modules']) symlinkSync(join(repository, name), join(directory, name))
    const outputs: string[][] = []
    for (const command of commands) outputs.push(lines(await run(command, directory, scratch.path)))
    await run('boxwright sweep', directory, scratch.path) // a page may have killed what would have cleaned up
    return outputs
  })
}
// #endregion replay

/** A terminal's width and no colours. The base image is made once for all; a ledger is each page's own, as any command settles dead boxes, and so is what is kept of images. */
function environment(directory: string, scratch: string): NodeJS.ProcessEnv {
  return {
    PATH: `${scratch}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    BOXWRIGHT_IMAGES: `${scratch}/images`,
    BOXWRIGHT_DATA: `${directory}.data`,
    BOXWRIGHT_RUN: `${directory}.run`,
    BOXWRIGHT_WORK: `${scratch}/work`,
    HOME: '/root',
    LANG: 'C.UTF-8',
    COLUMNS: '80',
    NO_COLOR: '1',
  }
}

function run(command: string, directory: string, scratch: string): Promise<string> {
  const own = [
    '--mount',
    '--uts',
    '--propagation',
    'private',
    '--',
    'sh',
    '-c',
    `hostname ${HOST} && exec bash -c "$1" 2>&1`,
  ]
  enterOwnNetwork() // and so is what the command makes there: an empty one at each command
  const child = spawn('unshare', [...own, 'sh', command], {
    cwd: directory,
    env: environment(directory, scratch),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child
      .on('error', reject)
      .on('close', () => resolve(output.replaceAll(directory, '/lesson').replaceAll(scratch, '/scratch')))
  })
}

const lines = (output: string): string[] => {
  const all = output.split('\n').map((line) => line.trimEnd())
  return all.slice(0, all.findLastIndex((line) => line) + 1)
}

/** Two at a time: most of a box's time is waiting. */
async function inPairs<T, R>(items: readonly T[], work: (item: T, n: number) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>()
  const queue = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results.set(next[0], await work(next[1], next[0]))
  }
  await Promise.all([worker(), worker()])
  return items.map((_, n) => results.get(n) as R)
}

function openScratch(repository: string): Disposable & { path: string } {
  const path = mkdtempSync('/tmp/boxwright-weave-') // as long a name wherever it is replayed: lines break by it
  mkdirSync(join(path, 'bin'))
  symlinkSync(join(repository, 'src/cli/boxwright.mjs'), join(path, 'bin/boxwright'))
  symlinkSync(join(repository, 'dist/boxwright-runc'), join(path, 'bin/boxwright-runc'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
