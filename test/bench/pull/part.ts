/**
 * An image of ten layers comes from a registry on this machine and is unpacked: by us, and by others. Before each, nothing of it is there and nothing
 * waits to be written to the disk. The second image has one layer of its own and shares nine.
 */
import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../../../src/content/store.ts'
import { summary, type Summary } from '../summary.ts'
import type { Place } from '../subjects.ts'
import { mapped } from '../stage-part.ts'
import { totalTable } from '../tables.ts'
import { begin, BOXWRIGHT, clients, isInstalled, OURS, prepared, stopped, type Client } from './clients.ts'
import { counted } from './counted.ts'
import { imageOf, manyFiles, oneFile } from './image.ts'
import { watchMemory, type Peak } from './memory.ts'
import { openServer, pushAll, serverNames } from './servers.ts'

const LAYERS = 10

interface Pulled {
  /** Seconds. */
  wall: number
  processor: number
  memory: Peak
}

interface Figures {
  wall: Summary
  processor: Summary
  /** Mebibytes, in the worst of all rounds; and with one layer that is one file of 500 MB. */
  memory: Peak
  large: Peak
  /** Bytes that came. */
  first: number
  second: number
}

type Measured = Record<string, Record<string, Figures>>

/** Seconds are enough of each: a tenth of the rounds that milliseconds want. */
export async function measurePulls({ directory }: Place, runs: number): Promise<Measured> {
  const ground = join(directory, 'pull')
  mkdirSync(ground)
  spawnSync(process.execPath, [BOXWRIGHT, 'images']) // the bundle may have to be made first
  using store = openStore(join(ground, 'made'))
  const layers = []
  for (let seed = 0; seed <= LAYERS; seed++) layers.push(await manyFiles(store.content, seed))
  const images = {
    many: await imageOf(store.content, layers.slice(0, LAYERS)),
    other: await imageOf(store.content, [...layers.slice(0, LAYERS - 1), ...layers.slice(LAYERS)]),
    large: await imageOf(store.content, [await oneFile(store.content, 500)]),
  }
  const measured: Measured = {}
  for (const name of serverNames()) {
    await using server = await openServer(name, join(ground, name.replace(' ', '-')))
    await pushAll(server.host, store.content, images)
    measured[name] = await measuredFrom(server.host, ground, Math.ceil(runs / 10))
  }
  return measured
}

async function measuredFrom(host: string, ground: string, rounds: number): Promise<Record<string, Figures>> {
  const present = Object.entries(clients).filter(([, client]) => isInstalled(client))
  const pulled: Record<string, Pulled[]> = {}
  for (let round = 0; round < rounds; round++)
    for (const [name, client] of present)
      (pulled[name] ??= []).push(await pulledOnce(client, ground, `${host}/bench:many`))
  const figures: Record<string, Figures> = {}
  for (const [name, client] of present) {
    const large = (await pulledOnce(client, ground, `${host}/bench:large`)).memory
    figures[name] = { ...summed(pulled[name] ?? []), large, ...(await bytesOf(client, ground, host)) }
  }
  return figures
}

const summed = (all: readonly Pulled[]): Pick<Figures, 'wall' | 'processor' | 'memory'> => ({
  wall: summary(all.map(({ wall }) => wall)),
  processor: summary(all.map(({ processor }) => processor)),
  memory: {
    rss: Math.max(...all.map(({ memory }) => memory.rss)),
    pss: Math.max(...all.map(({ memory }) => memory.pss)),
  },
})

const pulledOnce = (client: Client, ground: string, image: string): Promise<Pulled> =>
  inPlace(client, ground, async (place, service) => {
    spawnSync('sync')
    const before = timeOf(service)
    const start = process.hrtime.bigint()
    const child = begin(client, place, image)
    const memory = watchMemory([child.pid, service?.pid].filter((pid) => pid !== undefined))
    await ended(child, place)
    const wall = Number(process.hrtime.bigint() - start) / 1e9
    return { wall, processor: shellTime(place) + timeOf(service) - before, memory: memory() }
  })

/** What comes over the wire for an image, and then for another one that has nine layers in common with it. */
const bytesOf = (client: Client, ground: string, host: string): Promise<{ first: number; second: number }> =>
  inPlace(client, ground, async (place) => {
    await using way = await counted(host)
    await ended(begin(client, place, `${way.host}/bench:many`), place)
    const first = way.bytes()
    await ended(begin(client, place, `${way.host}/bench:other`), place)
    return { first, second: way.bytes() - first }
  })

async function inPlace<T>(
  client: Client,
  ground: string,
  work: (place: string, service: ChildProcess | undefined) => Promise<T>,
): Promise<T> {
  const place = join(ground, 'place')
  const service = await prepared(client, place)
  try {
    return await work(place, service)
  } finally {
    await stopped(service)
    spawnSync('sh', [
      '-c',
      'for at in $(grep -o "$0[^ ]*" /proc/self/mountinfo | sort -ru); do umount -l "$at"; done',
      place,
    ])
    rmSync(place, { recursive: true, force: true })
  }
}

async function ended(child: ChildProcess, place: string): Promise<void> {
  const [status] = (await once(child, 'exit')) as [number | null]
  if (status !== 0) throw new Error(`Cannot measure a pull: ${readFileSync(join(place, 'log-of-pull'), 'utf8')}`)
}

/** Of all that a shell has waited for: the second line of its `times`. */
function shellTime(place: string): number {
  const [, line = ''] = readFileSync(join(place, 'times'), 'utf8').split('\n')
  const times = [...line.matchAll(/(\d+)m([\d.]+)s/g)]
  return times.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0)
}

/** Of a service, and of what it has waited for: proc_pid_stat(5), in hundredths of a second. */
function timeOf(service: ChildProcess | undefined): number {
  if (!service) return 0
  const fields = readFileSync(`/proc/${service.pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0)
}

export const pullTables = (measured: Measured): string =>
  Object.entries(measured)
    .map(([server, figures]) => `ten layers, 530 MB, from ${server}\n\n${tablesOf(figures)}`)
    .join('\n\n')

function tablesOf(figures: Record<string, Figures>): string {
  const rows = Object.entries(figures).map(([name, { memory, large, first, second }]) => {
    const numbers = [memory.pss, memory.rss, large.pss, large.rss, first / 1e6, second / 1e6]
    return `${name.padEnd(18)}${numbers.map((number) => number.toFixed(1).padStart(11)).join('')}`
  })
  const head = ['PSS', 'RSS', 'PSS, large', 'RSS, large', 'first, MB', 'second, MB']
  return [
    `seconds\n${totalTable(
      mapped(figures, ({ wall }) => wall),
      OURS,
      2,
    )}`,
    `seconds of processors\n${totalTable(
      mapped(figures, ({ processor }) => processor),
      OURS,
      2,
    )}`,
    `memory in MiB, bytes that came\n${' '.repeat(18)}${head.map((word) => word.padStart(11)).join('')}\n${rows.join('\n')}`,
  ].join('\n\n')
}
