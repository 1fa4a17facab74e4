/** The options of `run`, for one stage. What follows the command's name belongs to the command, and yargs is not shown it. */
import yargs, { type Options } from 'yargs'
import type { NetworkWish } from '../oci/network.ts'
import type { Asked } from '../oci/defaults.ts'
import type { Resources } from '../oci/resources.ts'
import type { Mount } from '../oci/spec.ts'
import { parseVolume } from '../oci/volume.ts'
import { Complaint } from '../workshop/complaint.ts'
import { confined, networkIn, resources } from './run-words.ts'

export interface RunOptions {
  rootfs?: string
  /** Since lesson 9, in the place of a root file system: a layout's directory, or a name. */
  image?: string
  wall?: string
  hostname?: string
  explain?: 'only' | 'before' | 'after'
  json: boolean
  without: number[]
  receipt: boolean
  /** In the place of the stage's own. */
  launcher?: LauncherName
  resources: Resources
  /** As it was written: names are looked up in the box's own files. */
  user?: string
  volumes: Mount[]
  /** Since lesson 7. */
  network?: Omit<NetworkWish, 'id'>
  /** Since lesson 8. */
  confined?: Pick<Asked, 'security' | 'readonly' | 'devices'>
  args: string[]
}

export type LauncherName = 'inline' | 'native'

type Option = Options & { since: number }

/** May be given more than once. */
const words = { string: true, array: true, requiresArg: true } as const

const OPTIONS: Record<string, Option> = {
  rootfs: { since: 1, string: true, requiresArg: true, describe: 'use this directory as the root' },
  image: {
    since: 9,
    string: true,
    requiresArg: true,
    describe: 'what is in an image: a name, or a layout’s directory',
  },
  wall: { since: 1, string: true, requiresArg: true, describe: 'with a wall of yours: a TypeScript file' },
  explain: { since: 1, string: true, describe: 'print the plan, and run nothing, or =before, =after' },
  json: { since: 1, boolean: true, describe: 'print it as JSON' },
  without: { since: 1, string: true, requiresArg: true, describe: 'leave out these steps: 2 or 2,5' },
  receipt: { since: 1, boolean: true, describe: 'compare the host before and after' },
  volume: { since: 3, ...words, alias: 'v', describe: 'something of the host’s: SOURCE:TARGET[:ro]' },
  hostname: { since: 2, string: true, requiresArg: true, describe: 'the box’s host name' },
  memory: { since: 4, string: true, requiresArg: true, describe: 'most memory: 64m, 2g' },
  pids: { since: 4, string: true, requiresArg: true, describe: 'most processes and threads: 32' },
  cpus: { since: 4, string: true, requiresArg: true, describe: 'most processor time: 0.5, 2' },
  cpuset: { since: 4, string: true, requiresArg: true, describe: 'processors to run on: 0-2,4' },
  'read-bps': { since: 4, string: true, requiresArg: true, describe: 'bytes a second from a device: /dev/vda:10m' },
  user: { since: 6, string: true, requiresArg: true, describe: 'as somebody in the box: 1000, 1000:100, nobody' },
  launcher: { since: 5, choices: ['inline', 'native'], requiresArg: true, describe: 'what plays the plan' },
  network: { since: 7, string: true, requiresArg: true, describe: 'none, host, bridge, or a CNI network’s name' },
  publish: { since: 7, ...words, alias: 'p', describe: 'a port of this machine’s is one of the box’s: 8080:80' },
  dns: { since: 7, ...words, describe: 'an address to ask for names' },
  'add-host': { since: 7, ...words, describe: 'a name that the box knows: db:10.1.2.3' },
  'write-bps': { since: 4, string: true, requiresArg: true, describe: 'bytes a second to a device: /dev/vda:10m' },
  'cap-add': { since: 8, ...words, describe: 'a capability more: NET_RAW, ALL' },
  'cap-drop': { since: 8, ...words, describe: 'a capability less: CHOWN, ALL' },
  'security-opt': { since: 8, ...words, describe: 'seccomp=FILE, apparmor=NAME, label=LABEL' },
  'read-only': { since: 8, boolean: true, describe: 'nothing can be changed in the root file system' },
  ulimit: { since: 8, ...words, describe: 'a limit of each process: nofile=1024:4096' },
  sysctl: { since: 8, ...words, describe: 'a setting of its namespaces: net.ipv4.ip_forward=1' },
  device: { since: 8, ...words, describe: 'a device of the host’s: /dev/fuse, /dev/fuse:rw' },
}

// #region parse
/** @throws Complaint, or RangeError of a quantity, naming what was given. */
export function parseRun(lesson: number, argv: readonly string[]): RunOptions {
  const { own, args } = split(argv)
  refuseFuture(lesson, own)
  const given = lastOnes(parser(lesson).parseSync(own.map((word) => (word === '--explain' ? '--explain=only' : word))))
  if (given['rootfs'] !== undefined && given['image'] !== undefined)
    throw new Complaint('Cannot take both --rootfs and --image: a box has one root\n  Leave out one of them')
  if (args.length === 0)
    throw new Complaint(`Cannot run nothing: no command was given\n  For example: boxwright stage ${lesson} run sh`)
  return {
    ...optional('rootfs', given['rootfs']),
    ...optional('image', given['image']),
    ...optional('wall', given['wall']),
    ...optional('hostname', given['hostname']),
    ...optional('explain', given['explain']),
    ...optional('launcher', given['launcher']),
    ...optional('user', given['user']),
    volumes: (given['volume'] as string[] | undefined)?.map(parseVolume) ?? [],
    json: given['json'] === true,
    receipt: given['receipt'] === true,
    without: stepNumbers(given['without'] as string | undefined),
    resources: resources(given),
    ...(lesson >= 7 && { network: networkIn(given) }),
    ...(lesson >= 8 && { confined: confined(given) }),
    args,
  }
}
// #endregion parse

/** Given more than once, an option that can be given but once is what it was given last. */
const lastOnes = (given: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) && !OPTIONS[name]?.array ? (value.at(-1) as unknown) : value,
    ]),
  )

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
      'duplicate-arguments-array': true,
      'parse-numbers': false,
    })
    .strict()
    .version(false)
    .wrap(80)
    .fail((message, error: Error | undefined) => {
      if (message.startsWith('Cannot ')) throw new Complaint(message, { cause: error })
      throw new Complaint(`Cannot read the options: ${message}\n  See: boxwright stage ${lesson} run --help`)
    })

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

const optional = <K extends keyof RunOptions>(name: K, value: unknown): Partial<Pick<RunOptions, K>> =>
  value === undefined ? {} : ({ [name]: value } as Pick<RunOptions, K>)
