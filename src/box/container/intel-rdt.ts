/**
 * Lesson 13. Shares of caches, and of the way to memory: a group of processes is a directory, as with cgroups, and its file `schemata` says what the
 * group gets. The kernel's Documentation/filesystems/resctrl.rst, config-linux.md §intelRdt.
 */
import { RESCTRL } from '../../kernel/self.ts'
import { NotAConfig } from '../../oci/rule.ts'
import type { IntelRdt } from '../../oci/spec.ts'
import { BOX, host, type Draft, type Undo, type Wall } from '../../plan/plan.ts'
import type { Creator } from './process.ts'

const FIELD = 'linux.intelRdt'

// #region rdt
/** Stands where the box is there already: its number is written down last. */
export const intelRdt = (creator: Creator): Wall => ({
  name: 'intel-rdt',
  lesson: 13,
  steps: ({ linux: { intelRdt: asked } }) => {
    if (asked === undefined) return []
    const [group, directory] = placeOf(asked, creator)
    const isNew = lookFor(group, asked, creator)
    return [
      ...(isNew ? [made(directory, 'a class of its own')] : []),
      ...schemataOf(asked).map((lines) =>
        host('write', [`${directory}/schemata`, lines], 'what the class gets'),
      ),
      host('write', [`${directory}/tasks`, BOX], 'and who is in it'),
      ...(asked.enableMonitoring
        ? monitored(`${directory}/mon_groups/${creator.id}`)
        : []),
    ]
  },
})

const made = (path: string, why: string): Draft =>
  host('mkdir', [path, 0o755], why, { undo: removed(path) })

const removed = (path: string): Undo => ({
  call: 'rmdir',
  args: [path],
  fine: ['ENOENT'],
})

const monitored = (directory: string): Draft[] => [
  made(directory, 'counted for itself'),
  host('write', [`${directory}/tasks`, BOX], 'and who is counted'),
]

/** Of a later command: it is born of us, and so in our class. */
export const joinRdt = (creator: Creator): Wall => ({
  name: 'join-rdt',
  lesson: 13,
  steps: ({ linux: { intelRdt: asked } }) =>
    asked === undefined
      ? []
      : [
          host(
            'write',
            [`${placeOf(asked, creator)[1]}/tasks`, BOX],
            'in the container’s class',
          ),
        ],
})
// #endregion rdt

function placeOf(
  asked: IntelRdt,
  { id }: Creator,
): [group: string, directory: string] {
  const group = asked.closID || id
  return [group, group === '/' ? RESCTRL : `${RESCTRL}/${group}`]
}

// #region schemata
/** Two fields together, of which the second alone speaks of bandwidth; and then the third, whatever it says. Each line ends. */
function schemataOf(asked: IntelRdt): string[] {
  const lines = linesOf(asked)
  const last = asked.schemata ?? []
  return [lines, last]
    .filter((some) => some.length > 0)
    .map((some) => some.map((line) => `${line}\n`).join(''))
}

function linesOf({ l3CacheSchema = '', memBwSchema = '' }: IntelRdt): string[] {
  const cache = l3CacheSchema.split('\n').filter(Boolean)
  return memBwSchema === ''
    ? cache
    : [...cache.filter((line) => !line.startsWith('MB:')), memBwSchema]
}
// #endregion schemata

// #region look
/** @returns whether it has to be made. One that is there already has to be what is asked for. */
function lookFor(group: string, asked: IntelRdt, { self }: Creator): boolean {
  if (self.resctrl === undefined)
    throw new NotAConfig(
      FIELD,
      `is there, and ${RESCTRL} is not: this machine has no such shares, or they are not mounted`,
      `Leave it out, or where the processor has them: mount -t resctrl resctrl ${RESCTRL}`,
    )
  const there = group === '/' ? '' : self.resctrl[group]
  const lines = linesOf(asked)
  const asksNothing = lines.length === 0 && !asked.schemata?.length
  if (there === undefined && asked.closID && asksNothing)
    throw new NotAConfig(
      `${FIELD}.closID`,
      `is "${group}", and there is no class of that name to join`,
      'Say what it is to get, and it is made: l3CacheSchema, memBwSchema, schemata',
    )
  const other = there && lines.find((line) => !isIn(there, line))
  if (other)
    throw new NotAConfig(
      `${FIELD}.closID`,
      `is "${group}", whose schemata do not say "${other}"`,
      `Ask for what they say, or for another class: cat ${RESCTRL}/${group}/schemata`,
    )
  return there === undefined
}

/** The kernel pads with spaces and zeros: `    L3:0=00f;1=0ff`. */
const isIn = (schemata: string, line: string): boolean =>
  schemata.split('\n').some((one) => plain(one) === plain(line))

const plain = (line: string): string =>
  line
    .replaceAll(/\s/g, '')
    .toLowerCase()
    .replaceAll(/=0+(?=[0-9a-f])/g, '=')
// #endregion look
