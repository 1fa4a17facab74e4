/** Ten layers of a thousand small files and two large ones each, half a gigabyte in all, compressed by gzip: unpacked by us, and by others. */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { built } from '../../src/launch/addon.ts'
import type { applyLayer } from '../../src/layer/apply.ts'
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts'
import { summary, type Summary } from './summary.ts'
import { totalTable } from './tables.ts'
import type { Place } from './subjects.ts'

const LAYERS = Array.from({ length: 10 }, (_, n) => `layer${n}.tar.gz`)

/** Seconds are enough of each: a tenth of the rounds that milliseconds want. */
export async function measureLayers({ directory }: Place, runs: number): Promise<Record<string, Summary>> {
  const layers = LAYERS.map((name) => join(directory, name))
  for (const layer of layers) makeLayer(join(directory, 'tree'), layer)
  const subjects = { ...ours(layers, await bundled(directory)), ...others(layers) }
  const times: Record<string, number[]> = {}
  for (let round = 0; round < Math.ceil(runs / 10); round++)
    for (const [name, unpack] of Object.entries(subjects)) {
      const into = fs.mkdtempSync(join(directory, 'into-'))
      const start = process.hrtime.bigint()
      await unpack(into)
      times[name] = [...(times[name] ?? []), Number(process.hrtime.bigint() - start) / 1e9]
      fs.rmSync(into, { recursive: true })
    }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)]))
}

export const layerTables = (totals: Record<string, Summary>): string =>
  `ten layers, 550 MB, seconds\n${totalTable(totals, 'tar -xz', 2)}`

function makeLayer(tree: string, layer: string): void {
  fs.mkdirSync(tree)
  const words = 'a layer is a list of files and of what is gone '.repeat(200)
  for (let n = 0; n < 1002; n++) {
    fs.mkdirSync(join(tree, `d${n % 20}`), { recursive: true })
    fs.writeFileSync(join(tree, `d${n % 20}`, `f${n}`), words.slice(0, 100 + ((n * 7919) % 8000)))
  }
  const half = (): Buffer => Buffer.concat([randomBytes(512 << 10), Buffer.alloc(512 << 10, words)])
  for (const name of ['large0', 'large1'])
    fs.writeFileSync(join(tree, name), Buffer.concat(Array.from({ length: 24 }, half)))
  execFileSync('tar', ['-C', tree, '-czf', layer, '.'])
  fs.rmSync(tree, { recursive: true })
}

type Unpack = (into: string) => unknown
type Apply = typeof applyLayer

/** As it is installed: from TypeScript, each of the processes would begin half a second later. */
async function bundled(directory: string): Promise<Apply> {
  const source = (name: string): string => fileURLToPath(new URL(`../../src/layer/${name}.ts`, import.meta.url))
  await build({
    entryPoints: [source('apply'), source('unpack')],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  fs.copyFileSync(built('inode.node'), join(directory, 'inode.node'))
  return ((await import(join(directory, 'apply.mjs'))) as { applyLayer: Apply }).applyLayer
}

/** Each into a directory of its own, as for overlay; then two at a time, as there are two processors. */
const ours = (layers: readonly string[], apply: Apply): Record<string, Unpack> => ({
  'one by one': async (into) => {
    for (const [n, layer] of layers.entries()) await applyTo(apply, layer, join(into, String(n)))
  },
  'two at a time': async (into) => {
    const waiting = [...layers.entries()]
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        await applyTo(apply, next[1], join(into, String(next[0])))
    }
    await Promise.all([worker(), worker()])
  },
})

async function applyTo(apply: Apply, layer: string, target: string): Promise<void> {
  fs.mkdirSync(target)
  await apply(layer, OCI_LAYER_GZIP, target, { overlay: true })
}

const others = (layers: readonly string[]): Record<string, Unpack> => ({
  'tar -xz': (into) => {
    for (const layer of layers) execFileSync('tar', ['-C', into, '-xzf', layer])
  },
  gunzip: () => {
    for (const layer of layers) execFileSync('sh', ['-c', 'gunzip <"$0" >/dev/null', layer])
  },
  ...(spawnSync('umoci', ['--version']).error ? {} : { 'umoci raw unpack': umociOf(layers) }),
})

/** It takes only what is not compressed, and compresses it: the image is made before. */
function umociOf(layers: readonly string[]): Unpack {
  const layout = `${layers[0] ?? ''}.layout`
  const umoci = (...words: string[]): Buffer => execFileSync('umoci', words, { stdio: ['ignore', 'pipe', 'ignore'] })
  umoci('init', '--layout', layout)
  umoci('new', '--image', `${layout}:x`)
  for (const layer of layers) {
    execFileSync('sh', ['-c', 'gunzip <"$0" >"$1"', layer, `${layout}.tar`])
    umoci('raw', 'add-layer', '--image', `${layout}:x`, `${layout}.tar`)
  }
  return (into) => umoci('raw', 'unpack', '--image', `${layout}:x`, join(into, 'tree'))
}
