/**
 * The tour's last stop: what stood in all those boxes gets a name, goes to a registry and is fetched from there. Everything is on this machine, its
 * loopback and in a directory that is gone with the tour.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Complaint } from './complaint.ts'

// #region image
/** `there` has nothing of what is here, as another machine would. */
const SCRIPT = `set -e
boxwright() { "$node" "$boxwright" "$@"; }
tell() { echo; echo "$ boxwright $*"; }
name="$BOXWRIGHT_REGISTRY/base"
boxwright image from-host >/dev/null
tell "push boxwright/base $name"
boxwright push -q boxwright/base "$name" >/dev/null
export BOXWRIGHT_DATA="$BOXWRIGHT_DATA/there"
tell "run --rm $name sh -c '…'"
boxwright run --rm "$name" sh -c 'echo "I am $$ on $(hostname)"; grep -o "^overlay / overlay" /proc/mounts'`

export async function visitRegistry(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-tour-'))
  try {
    await boxwright(['registry', 'serve', '--listen', '127.0.0.1:0', '--', 'sh', '-c', SCRIPT], directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
// #endregion image

async function boxwright(words: readonly string[], data: string): Promise<void> {
  const main = process.argv[1] ?? ''
  const env = { ...process.env, BOXWRIGHT_DATA: data, node: process.execPath, boxwright: main }
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'inherit', 'inherit'], env })
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of SIGNALS) process.on(signal, pass)
  const [status] = (await once(child, 'close')) as [number | null]
  for (const signal of SIGNALS) process.off(signal, pass)
  if (status !== 0)
    throw new Complaint(`Cannot show the registry: it ended with ${status}\n  Lesson 10 does it step by step`)
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
