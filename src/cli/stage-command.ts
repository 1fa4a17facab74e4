/** `boxwright stage N run …`: a stage's plan, shown or run. */
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { readAccounts } from '../image/accounts.ts'
import { checkVolume } from '../image/volume.ts'
import { parseUser } from '../oci/user.ts'
import { checkRootfs } from '../image/rootfs.ts'
import { differences, inventory } from '../kernel/inventory.ts'
import { readMachine } from '../kernel/machine.ts'
import { BASE, BOX_MARK } from '../oci/defaults.ts'
import type { Spec } from '../oci/spec.ts'
import { inline } from '../launch/inline.ts'
import { native } from '../launch/native.ts'
import { explain, explainJson } from '../plan/explain.ts'
import type { Plan } from '../plan/plan.ts'
import { Complaint } from '../workshop/complaint.ts'
import { guard } from '../workshop/judge/guard.ts'
import { enterOwnMounts, isInArena } from '../workshop/judge/own-mounts.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { planOf, runStage, specOf, type Wish } from '../workshop/run-stage.ts'
import { print } from '../workshop/print.ts'
import { say } from '../workshop/say.ts'
import { withWall, type Stage } from '../workshop/stage.ts'
import { loadWall } from '../workshop/wall-file.ts'
import { parser, parseRun, type RunOptions } from './run-options.ts'

const LAUNCHERS = { inline, native }

/** @returns the exit status: the command's own. */
export async function stageCommand(taught: Stage, argv: readonly string[]): Promise<number> {
  const [verb, ...words] = argv
  if (verb === 'unpack' && taught.lesson >= 9) return unpack(words)
  if (verb !== 'run' || words[0] === '--help' || words[0] === '-h') return help(taught, verb)
  const options = parseRun(taught.lesson, words)
  const walled = options.wall === undefined ? taught : withWall(taught, await loadWall(options.wall))
  const stage = options.launcher === undefined ? walled : { ...walled, launch: LAUNCHERS[options.launcher] }
  if (options.explain === 'only') return explainOnly(stage, options)
  await prepare(options.json)
  if (options.wall !== undefined && !isInArena()) enterOwnMounts()
  return options.receipt ? withReceipt(() => run(stage, options)) : run(stage, options)
}

async function unpack(words: readonly string[]): Promise<number> {
  await prepare()
  return (await import('./stage-image.ts')).unpackLayout(words)
}

async function run(stage: Stage, options: RunOptions): Promise<number> {
  const rootfs = await rootfsFor(options)
  return runStage(stage, {
    ...wishOf(options, rootfs),
    change: (steps, spec) => changed(steps, spec, options),
    show: (steps, results) => {
      if (options.explain === (results ? 'after' : 'before')) say(`the plan\n${table(steps, options, results)}`)
    },
  })
}

async function rootfsFor({ rootfs, image }: RunOptions): Promise<string> {
  if (image !== undefined) return (await import('./stage-image.ts')).rootfsOfImage(image)
  return rootfs === undefined ? ensureBase(imageDirectory()).path : checkRootfs(rootfs)
}

/** Nothing is run and nothing made, so this needs neither root nor a root file system. */
function explainOnly(stage: Stage, options: RunOptions): number {
  const rootfs = options.rootfs === undefined ? BASE : checkRootfs(options.rootfs)
  const steps = planOf(stage, specOf(stage, { ...wishOf(options, rootfs), id: 'ID' }))
  print(table(leaveOut(steps, options), options))
  return 0
}

const wishOf = (
  { args, hostname, resources, user, volumes, network, confined = {} }: RunOptions,
  rootfs: string,
): Wish => ({
  rootfs,
  args,
  resources,
  volumes: volumes.map((volume) => checkVolume(volume, rootfs)),
  ...(user !== undefined && { user: parseUser(user, readAccounts(rootfs)) }),
  ...(network && { network }),
  ...confined,
  ...(hostname !== undefined && { hostname }),
})

function changed(steps: Plan, spec: Spec, options: RunOptions): Plan {
  const left = leaveOut(steps, options)
  if (options.wall !== undefined) guard(left, spec, readMachine())
  return left
}

const leaveOut = (steps: Plan, { without }: RunOptions): Plan => steps.filter((_, n) => !without.includes(n + 1))

const table = (steps: Plan, { json }: RunOptions, results?: Parameters<typeof explain>[1]): string =>
  (json ? explainJson : explain)(steps, results)

async function withReceipt(run: () => Promise<number>): Promise<number> {
  const before = inventory(BOX_MARK)
  const status = await run()
  const found = differences(before, inventory(BOX_MARK))
  say(found.length === 0 ? 'host unchanged: mounts, cgroups, interfaces, processes' : found.join('\n'))
  return status
}

async function help({ lesson }: Stage, verb = '--help'): Promise<number> {
  if (!['run', '--help', '-h'].includes(verb))
    throw new Complaint(
      `Cannot "${verb}" at stage ${lesson}: ${lesson < 9 ? 'a stage knows one verb, run' : 'it knows two verbs, run and unpack'}\n  Try: boxwright stage ${lesson} run ${verb}`,
    )
  print(await parser(lesson).getHelp())
  return 0
}
