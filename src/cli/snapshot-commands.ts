/** `boxwright stage 11 prepare STORE KEY …`: snapshots in a store, and boxes that stand on them. */
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { layers } from '../box/layers.ts'
import { openMetadata } from '../content/metadata.ts'
import { readMachine } from '../kernel/machine.ts'
import { explain } from '../plan/explain.ts'
import type { Plan } from '../plan/plan.ts'
import { drivers } from '../snapshot/choose.ts'
import { openSnapshotter, type Driver, type LayerStore } from '../snapshot/driver.ts'
import { copy } from '../snapshot/native.ts'
import { openShelf } from '../snapshot/shelf.ts'
import { Complaint } from '../workshop/complaint.ts'
import { loadDriver } from '../workshop/driver-file.ts'
import { guard } from '../workshop/judge/guard.ts'
import { enterOwnMounts, isInArena } from '../workshop/judge/own-mounts.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { planOf, runStage, specOf, type Wish } from '../workshop/run-stage.ts'
import { print } from '../workshop/print.ts'
import { withWall, type Stage } from '../workshop/stage.ts'

interface Work {
  stage: Stage
  snapshots: LayerStore
  /** The learner's own driver, or one of ours. */
  isOurs: boolean
}

// #region verbs
interface Verb {
  words: string
  most: number
  /** @returns the exit status, if it is a number. */
  act(work: Work, words: string[]): unknown
}

const VERBS: Record<string, Verb> = {
  import: {
    words: 'NAME DIRECTORY',
    most: 2,
    act: ({ snapshots }, [name = '', from = '']) => {
      imported(snapshots, name, from)
    },
  },
  prepare: {
    words: 'KEY [PARENT]',
    most: 2,
    act: ({ snapshots }, [key = '', parent]) => snapshots.prepare(key, parent),
  },
  commit: {
    words: 'NAME KEY',
    most: 2,
    act: ({ snapshots }, [name = '', key = '']) => {
      snapshots.commit(name, key)
    },
  },
  remove: {
    words: 'NAME',
    most: 1,
    act: ({ snapshots }, [name = '']) => {
      snapshots.remove(name)
    },
  },
  list: {
    words: '',
    most: 0,
    act: ({ snapshots }) => {
      print(listed(snapshots))
    },
  },
  mounts: {
    words: 'KEY',
    most: 1,
    act: ({ snapshots }, [key = '']) => {
      print(JSON.stringify(snapshots.mounts(key), null, 2))
    },
  },
  plan: {
    words: 'KEY COMMAND [ARGUMENT …]',
    most: Infinity,
    act: (work, [key = '', ...args]) => {
      print(explain(planned(work, key, args)))
    },
  },
  run: {
    words: 'KEY COMMAND [ARGUMENT …]',
    most: Infinity,
    act: (work, [key = '', ...args]) => boxed(work, key, args),
  },
}

/** @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function snapshotCommand(stage: Stage, argv: readonly string[]): Promise<number> {
  if (['--help', '-h', undefined].includes(argv[0])) return help()
  const { driver, name, store, words } = wordsIn(argv)
  const verb = VERBS[name]
  if (!verb || store === undefined || words.length < leastOf(verb) || words.length > verb.most)
    throw new Complaint(`Cannot read "boxwright stage 11 ${argv.join(' ')}": it is none of its commands\n${usage()}`)
  await prepare()
  const ours = drivers().find((one) => one.name === driver)
  using opened = openAt(resolve(store), ours ?? (await loadDriver(driver)))
  const status = await verb.act({ stage, snapshots: opened.snapshots, isOurs: ours !== undefined }, words)
  return typeof status === 'number' ? status : 0
}
// #endregion verbs

function help(): number {
  print(`boxwright stage 11 VERB …: snapshots in a store, and boxes on them\n\n${usage()}`)
  print('\nFILE is a way to keep them: yours, or one of ours, by its name: overlay, erofs, native.')
  return 0
}

const leastOf = ({ words }: Verb): number => words.split(' ').filter((word) => /^[A-Z]/.test(word)).length

const usage = (): string =>
  Object.entries(VERBS)
    .map(([name, { words }]) => `  boxwright stage 11 [--driver FILE] ${name} STORE ${words}`.trimEnd())
    .join('\n')

/** A driver of ours by its name; otherwise a file. */
function wordsIn(argv: readonly string[]): {
  driver: string
  name: string
  store: string | undefined
  words: string[]
} {
  const [option, named = ''] = argv
  const [driver, [name = '', store, ...words]] = option === '--driver' ? [named, argv.slice(2)] : ['overlay', argv]
  return { driver, name, store, words }
}

// #region open
function openAt(directory: string, driver: Driver): Disposable & { snapshots: LayerStore } {
  mkdirSync(directory, { recursive: true })
  const metadata = openMetadata(join(directory, 'meta.db'))
  return {
    snapshots: openSnapshotter(directory, driver, openShelf(metadata, driver.name, directory)),
    [Symbol.dispose]: () => metadata.close(),
  }
}
// #endregion open

/** The lowest layer: a directory becomes a snapshot. */
function imported(snapshots: LayerStore, name: string, from: string): void {
  const key = `import ${name}`
  snapshots.prepare(key)
  copy(from, snapshots.writing(key).directory)
  snapshots.commit(name, key)
}

const listed = (snapshots: LayerStore): string =>
  [...snapshots.walk()]
    .map(({ name, kind, parent = '' }) => `${name.padEnd(12)}${kind.padEnd(12)}${parent}`.trimEnd())
    .join('\n')

// #region boxed
/** The directory is where the root is mounted, in the box; outside it stays empty. */
async function boxed(work: Work, key: string, args: string[]): Promise<number> {
  const mounts = work.snapshots.mounts(key)
  if (!work.isOurs && !isInArena()) enterOwnMounts()
  const rootfs = mkdtempSync(join(tmpdir(), 'boxwright-root-'))
  const change: Wish['change'] = (steps, spec) => {
    if (!work.isOurs) guard(steps, spec, readMachine())
    return steps
  }
  try {
    return await runStage(withWall(work.stage, layers(mounts)), { rootfs, args, change })
  } finally {
    rmdirSync(rootfs)
  }
}

function planned({ stage, snapshots }: Work, key: string, args: string[]): Plan {
  const standing = withWall(stage, layers(snapshots.mounts(key)))
  return planOf(standing, specOf(standing, { id: 'ID', rootfs: '/ROOT', args }))
}
// #endregion boxed
