/** The options of `run`, for one stage. What follows the command's name belongs to the command, and yargs is not shown it. */
import yargs, { type Options } from 'yargs'
import { parseBytes, parseCount, parseCpus, parseCpuset, parseThrottle } from '../oci/quantity.ts'
import { networkWish } from '../oci/publish.ts'
import type { NetworkWish } from '../oci/network.ts'
import type { Resources } from '../oci/spec.ts'
import { Complaint } from '../workshop/complaint.ts'

export interface RunOptions {
  rootfs?: string
  wall?: string
  hostname?: string
  explain?: 'only' | 'before' | 'after'
  json: boolean
  without: number[]
  receipt: boolean
  /** In the place of the stage's own. */
  launcher?: LauncherName
  resources: Resources
  network: Omit<NetworkWish, 'id'>
  args: string[]
}

export type LauncherName = 'inline' | 'native'

type Option = Options & { since: number }

/** Can be given several times. */
const LIST = { string: true, array: true, nargs: 1, requiresArg: true } as const

const OPTIONS: Record<string, Option> = {
  rootfs: { since: 1, string: true, requiresArg: true, describe: 'use this directory as the root' },
  wall: { since: 1, string: true, requiresArg: true, describe: 'with a wall of yours: a TypeScript file' },
  explain: { since: 1, string: true, describe: 'print the plan, and run nothing, or =before, =after' },
  json: { since: 1, boolean: true, describe: 'print it as JSON' },
  without: { since: 1, string: true, requiresArg: true, describe: 'leave out these steps: 2 or 2,5' },
  receipt: { since: 1, boolean: true, describe: 'compare the host before and after' },
  hostname: { since: 2, string: true, requiresArg: true, describe: 'the box’s host name' },
  memory: { since: 4, string: true, requiresArg: true, describe: 'most memory: 64m, 2g' },
  pids: { since: 4, string: true, requiresArg: true, describe: 'most processes and threads: 32' },
  cpus: { since: 4, string: true, requiresArg: true, describe: 'most processor time: 0.5, 2' },
  cpuset: { since: 4, string: true, requiresArg: true, describe: 'processors to run on: 0-2,4' },
  'read-bps': { since: 4, string: true, requiresArg: true, describe: 'bytes a second from a device: /dev/vda:10m' },
  launcher: { since: 5, choices: ['inline', 'native'], requiresArg: true, describe: 'what plays the plan' },
  network: { since: 7, string: true, requiresArg: true, describe: 'none, host, bridge, or a CNI network’s name' },
  publish: { since: 7, ...LIST, alias: 'p', describe: 'a port of this machine’s is one of the box’s: 8080:80' },
  dns: { since: 7, ...LIST, describe: 'an address to ask for names' },
  'add-host': { since: 7, ...LIST, describe: 'a name that the box knows: db:10.1.2.3' },
  'write-bps': { since: 4, string: true, requiresArg: true, describe: 'bytes a second to a device: /dev/vda:10m' },
}

// #region parse
/** @throws Complaint, or RangeError of a quantity, naming what was given. */
export function parseRun(lesson: number, argv: readonly string[]): RunOptions {
  const { own, args } = split(argv)
  refuseFuture(lesson, own)
  const given = once(parser(lesson).parseSync(own.map((word) => (word === '--explain' ? '--explain=only' : word))))
  if (args.length === 0)
    throw new Complaint(`Cannot run nothing: no command was given\n  For example: boxwright stage ${lesson} run sh`)
  return {
    ...optional('rootfs', given['rootfs']),
    ...optional('wall', given['wall']),
    ...optional('hostname', given['hostname']),
    ...optional('explain', given['explain']),
    ...optional('launcher', given['launcher']),
    json: given['json'] === true,
    receipt: given['receipt'] === true,
    without: stepNumbers(given['without'] as string | undefined),
    resources: resources(given),
    network: networkIn(given),
    args,
  }
}
// #endregion parse

export const parser = (lesson: number): ReturnType<typeof yargs> =>
  yargs()
    .scriptName(`boxwright stage ${lesson}`)
    .usage('$0 run [options] COMMAND [ARGUMENT …]')
    .options(available(lesson))
    .coerce('explain', whenToExplain)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
    })
    .strict()
    .version(false)
    .wrap(80)
    .fail((message, error: Error | undefined) => {
      if (message.startsWith('Cannot ')) throw new Complaint(message, { cause: error })
      throw new Complaint(`Cannot read the options: ${message}\n  See: boxwright stage ${lesson} run --help`)
    })

/** Of an option that is given twice the last counts; unless it is a list. */
const once = (given: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) && OPTIONS[name]?.array !== true ? value.at(-1) : value,
    ]),
  )

function whenToExplain(given: string | string[]): string {
  const when = [given].flat().at(-1) ?? ''
  if (['only', 'before', 'after'].includes(when)) return when
  throw new Complaint(
    `Cannot explain "${when}": a plan is shown alone, before a run or after it\n  Write --explain, --explain=before or --explain=after`,
  )
}

const available = (lesson: number): Record<string, Options> =>
  Object.fromEntries(
    Object.entries(OPTIONS)
      .filter(([, { since }]) => since <= lesson)
      .map(([name, { since: _, ...option }]) => [name, option]),
  )

/** Options first; the first word that is none, nor the value of one, is the command. `--` may stand between. */
function split(argv: readonly string[]): { own: string[]; args: string[] } {
  let n = 0
  for (; n < argv.length; n += 1) {
    const word = argv[n] ?? ''
    if (word === '--') return { own: argv.slice(0, n), args: argv.slice(n + 1) }
    if (!word.startsWith('-')) break
    if (OPTIONS[nameOf(word)]?.requiresArg && !word.includes('=')) n += 1
  }
  return { own: argv.slice(0, n), args: argv.slice(n) }
}

/** `--publish=8080:80` and `-p` are `publish`. */
function nameOf(word: string): string {
  const name = word.replace(/^--?/, '').replace(/=.*/, '')
  return word.startsWith('--') ? name : (Object.keys(OPTIONS).find((long) => OPTIONS[long]?.alias === name) ?? '')
}

/** Nothing is refused silently: an option that a later stage has is named with its lesson. */
function refuseFuture(lesson: number, own: readonly string[]): void {
  for (const word of own) {
    const since = word.startsWith('-') ? OPTIONS[nameOf(word)]?.since : undefined
    if (since !== undefined && since > lesson)
      throw new Complaint(
        `Cannot take "${word}" at stage ${lesson}: it comes with lesson ${since}\n  Try: boxwright stage ${since} run ${word} …`,
      )
  }
}

function stepNumbers(text = ''): number[] {
  const numbers = text.split(',').filter(Boolean).map(Number)
  if (numbers.some((number) => !Number.isInteger(number) || number < 1))
    throw new Complaint(
      `Cannot leave out step "${text}": a step is named by its number\n  See the numbers with: --explain`,
    )
  return numbers
}

function resources(given: Record<string, unknown>): Resources {
  const text = (name: string): string | undefined => given[name] as string | undefined
  const [memory, pids, cpus, cpuset] = ['memory', 'pids', 'cpus', 'cpuset'].map(text)
  const [read, write] = ['read-bps', 'write-bps'].map(text)
  return {
    ...(memory !== undefined && { memory: { limit: parseBytes(memory, 'memory') } }),
    ...(pids !== undefined && { pids: { limit: parseCount(pids, 'pids') } }),
    ...((cpus ?? cpuset) !== undefined && {
      cpu: {
        ...(cpus !== undefined && parseCpus(cpus, 'cpus')),
        ...(cpuset !== undefined && { cpus: parseCpuset(cpuset, 'cpuset') }),
      },
    }),
    ...((read ?? write) !== undefined && {
      blockIO: {
        ...(read !== undefined && { throttleReadBpsDevice: [parseThrottle(read, 'read-bps')] }),
        ...(write !== undefined && { throttleWriteBpsDevice: [parseThrottle(write, 'write-bps')] }),
      },
    }),
  }
}

function networkIn(given: Record<string, unknown>): Omit<NetworkWish, 'id'> {
  const list = (name: string): string[] => (given[name] as string[] | undefined) ?? []
  const network = given['network'] as string | undefined
  return networkWish({ network, publish: list('publish'), dns: list('dns'), hosts: list('add-host') })
}

const optional = <K extends keyof RunOptions>(name: K, value: unknown): Partial<Pick<RunOptions, K>> =>
  value === undefined ? {} : ({ [name]: value } as Pick<RunOptions, K>)
