/** The runtime as its callers start it, a process for each act, beside runC and crun; and the same acts in a process that stays. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { create } from '../../src/runtime/create.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { start } from '../../src/runtime/start.ts'
import { withoutUnified } from './hidden.ts'
import { mapped } from './stage-part.ts'
import { timed, type Command, type Place } from './subjects.ts'
import { summary, type Summary } from './summary.ts'
import { totalTable } from './tables.ts'

export interface RuntimeFigures {
  /** Milliseconds of what makes no container. */
  begun: Record<string, Summary>
  /** Milliseconds of `run`, from outside. */
  cold: Record<string, Summary>
  /** Of create, start and delete, one after the other. */
  three: Record<string, Summary>
}

const DIST = join(import.meta.dirname, '../../dist')
const [COLD, WARM, IN_NODE] = ['boxwright-runc', 'a Node that stays', 'the same in Node']

export async function measureRuntime(place: Place, runs: number): Promise<RuntimeFigures> {
  const bundle = bundleIn(place)
  const root = join(place.directory, 'run/containers') // in memory, as each of them has it: /run
  const inNode = withoutBun(place)
  const runtimes = [join(DIST, COLD), '/usr/sbin/runc', '/usr/bin/crun'].filter(existsSync)
  const starts = startsOf(inNode, runtimes.slice(1))
  const begun: Record<string, number[]> = {}
  const cold: Record<string, number[]> = {}
  const three: Record<string, number[]> = {}
  for (let before = 0; before < WARMING_UP; before += 1) await warm(join(root, 'warm'), bundle)
  for (let run = 0; run < runs; run += 1) {
    for (const file of runtimes) {
      const act = (...words: string[]): Command => [file, '--root', join(root, named(file)), ...words]
      const acts = [
        act('create', '--bundle', bundle, 'bench'),
        act('start', 'bench'),
        act('delete', '--force', 'bench'),
      ]
      const ground = named(file) === 'crun' ? withoutUnified : <T>(work: () => T): T => work()
      ground(() => {
        ;(cold[named(file)] ??= []).push(timed(act('run', '--bundle', bundle, 'bench'), place))
        ;(three[named(file)] ??= []).push(acts.reduce((sum, one) => sum + timed(one, place), 0))
      })
    }
    for (const [name, start] of Object.entries(starts)) (begun[name] ??= []).push(timed(start, place))
    ;(cold[IN_NODE] ??= []).push(
      timed([inNode, '--root', join(root, 'node'), 'run', '--bundle', bundle, 'bench'], place),
    )
    ;(three[WARM] ??= []).push(await warm(join(root, 'warm'), bundle))
  }
  return { begun: mapped(begun, summary), cold: mapped(cold, summary), three: mapped(three, summary) }
}

/** As warm.ts does. */
const WARMING_UP = 30

/** Without Bun's program beside it, it is Node. */
function withoutBun({ directory }: Place): string {
  const place = join(directory, 'in-node')
  mkdirSync(place)
  for (const name of [COLD, 'runc.cjs', 'runc.blob']) copyFileSync(join(DIST, name), join(place, name))
  return join(place, COLD)
}

/** What it takes to begin, and to do next to nothing. */
const startsOf = (inNode: string, peers: readonly string[]): Record<string, Command> => ({
  [COLD]: [join(DIST, COLD), 'features'],
  [IN_NODE]: [inNode, 'features'],
  ...Object.fromEntries(peers.map((file): [string, Command] => [named(file), [file, '--version']])),
})

const named = (file: string): string => file.split('/').at(-1) ?? file

/** What runC's own `spec` writes, but for the command and its terminal. */
function bundleIn({ directory, rootfs }: Place): string {
  const bundle = join(directory, 'bundle')
  const config = defaultConfig() as { process: object; root: object }
  mkdirSync(bundle)
  writeFileSync(
    join(bundle, 'config.json'),
    JSON.stringify({
      ...config,
      process: { ...config.process, args: ['true'], terminal: false },
      root: { path: rootfs },
    }),
  )
  return bundle
}

async function warm(root: string, bundle: string): Promise<number> {
  const settings = { root, systemdCgroup: false, rootless: 'auto' } as const
  const begin = process.hrtime.bigint()
  await create(settings, { id: 'bench', bundle })
  start(settings, 'bench')
  deleteContainer(settings, 'bench', { force: true })
  return Number(process.hrtime.bigint() - begin) / 1e6
}

export const runtimeTables = ({ begun, cold, three }: RuntimeFigures): string =>
  [
    `features, or --version, in milliseconds\n\n${totalTable(begun, COLD, 1)}`,
    `run of true with runC's default spec, in milliseconds\n\n${totalTable(cold, COLD, 1)}`,
    `create, start and delete, in milliseconds\n\n${totalTable(three, COLD, 1)}`,
  ].join('\n\n')
