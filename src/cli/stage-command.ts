/** `boxwright stage N run …`: the spec and the plan of what was asked, shown or run, and a word on what came of it. */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { checkRootfs } from '../image/rootfs.ts'
import { differences, inventory } from '../kernel/inventory.ts'
import { readMachine } from '../kernel/machine.ts'
import { StepFailed } from '../launch/launcher.ts'
import { sweep, type Swept } from '../launch/ledger.ts'
import { BOX_MARK, defaultSpec } from '../oci/defaults.ts'
import type { Spec } from '../oci/spec.ts'
import { explain, explainJson } from '../plan/explain.ts'
import { plan, type Plan } from '../plan/plan.ts'
import { aftermath } from './aftermath.ts'
import { Complaint, say } from './complain.ts'
import { diagnose } from './diagnose.ts'
import { parser, parseRun, type RunOptions } from './run-options.ts'
import type { Stage } from './stage.ts'

/** @returns the exit status: the command's own. @throws Complaint, StepFailed turned into one, and nothing else that is foreseen. */
export async function stageCommand(stage: Stage, argv: readonly string[]): Promise<number> {
  const [verb, ...words] = argv
  if (verb !== 'run' || words[0] === '--help' || words[0] === '-h') return help(stage, verb)
  const options = parseRun(stage.lesson, words)
  if (options.explain === 'only') return show(makePlan(stage, specOf(options, imageRoot(options))), options)
  requireRoot()
  for (const swept of sweep()) say(sentence(swept))
  return options.receipt ? withReceipt(() => run(stage, options)) : run(stage, options)
}

// #region run
async function run(stage: Stage, options: RunOptions): Promise<number> {
  const id = randomBytes(4).toString('hex')
  const rootfs = options.rootfs === undefined ? ensureBase(imageDirectory()).path : checkRootfs(options.rootfs)
  const spec = specOf(options, rootfs, id)
  const steps = makePlan(stage, spec).filter((_, n) => !options.without.includes(n + 1))
  if (options.explain === 'before') show(steps, options)
  const after = aftermath(steps)
  try {
    const { status, results } = await stage.launch(steps, { id, rootfs, ended: after.read })
    if (options.explain === 'after') show(steps, options, results)
    after.say()
    return status
  } catch (error) {
    if (error instanceof StepFailed && options.explain === 'after') show(steps, options, error.results)
    throw diagnose(error, spec)
  }
}
// #endregion run

function specOf({ args, hostname, resources }: RunOptions, rootfs: string, id = 'ID'): Spec {
  return defaultSpec({ id, rootfs, args, resources, ...(hostname !== undefined && { hostname }) })
}

const makePlan = ({ walls }: Stage, spec: Spec): Plan => plan(spec, walls, readMachine())

/** The root that a run would have, without making it. */
const imageRoot = ({ rootfs }: RunOptions): string => (rootfs === undefined ? '/BASE' : checkRootfs(rootfs))

function show(steps: Plan, { json, without, explain: when }: RunOptions, results?: Parameters<typeof explain>[1]): number {
  const shown = when === 'only' ? steps.filter((_, n) => !without.includes(n + 1)) : steps
  writeSync(when === 'only' ? 1 : 2, `${(json ? explainJson : explain)(shown, results)}\n`)
  return 0
}

async function withReceipt(run: () => Promise<number>): Promise<number> {
  const before = inventory(BOX_MARK)
  const status = await run()
  const found = differences(before, inventory(BOX_MARK))
  say(found.length === 0 ? 'host unchanged: mounts, cgroups, interfaces, processes are as before' : found.join('\n'))
  return status
}

function requireRoot(): void {
  if (process.geteuid?.() === 0) return
  throw new Complaint('Cannot build a box without root: run it again with sudo (without root is lesson 6)', { status: 125 })
}

const sentence = ({ id, processes, mounts, undone }: Swept): string =>
  `box ${id} was left by a boxwright that died: ended ${processes} of its processes, removed ${mounts.length} mounts and ${undone} other things`

async function help({ lesson }: Stage, verb: string | undefined): Promise<number> {
  writeSync(1, `${await parser(lesson).getHelp()}\n`)
  if (verb === undefined || verb === 'run' || /^(-h|--help)$/.test(verb)) return 0
  throw new Complaint(`Cannot "${verb}" at stage ${lesson}: a stage knows one verb, run\n  Try: boxwright stage ${lesson} run ${verb}`)
}
