/**
 * Lesson 13. All words of mount(8) that runtime-spec has: config.md §linux-mount-options. A flag belongs to a file system, and is for mount(2); or to one
 * place where it is mounted, and then a bind mount can have its own: mount_setattr(2). With an r it is for all that is mounted below as well.
 */
import * as constants from '../../kernel/constants.ts'

/** For mount(2), for mount_setattr(2), and whether the word takes it away. */
type Flag = [flag: number, attribute: number, clears?: 'clears']

const FLAGS: Record<string, Flag> = {
  ro: [constants.MS_RDONLY, constants.MOUNT_ATTR_RDONLY],
  rw: [constants.MS_RDONLY, constants.MOUNT_ATTR_RDONLY, 'clears'],
  nosuid: [constants.MS_NOSUID, constants.MOUNT_ATTR_NOSUID],
  suid: [constants.MS_NOSUID, constants.MOUNT_ATTR_NOSUID, 'clears'],
  nodev: [constants.MS_NODEV, constants.MOUNT_ATTR_NODEV],
  dev: [constants.MS_NODEV, constants.MOUNT_ATTR_NODEV, 'clears'],
  noexec: [constants.MS_NOEXEC, constants.MOUNT_ATTR_NOEXEC],
  exec: [constants.MS_NOEXEC, constants.MOUNT_ATTR_NOEXEC, 'clears'],
  nodiratime: [constants.MS_NODIRATIME, constants.MOUNT_ATTR_NODIRATIME],
  diratime: [
    constants.MS_NODIRATIME,
    constants.MOUNT_ATTR_NODIRATIME,
    'clears',
  ],
  nosymfollow: [constants.MS_NOSYMFOLLOW, constants.MOUNT_ATTR_NOSYMFOLLOW],
  symfollow: [
    constants.MS_NOSYMFOLLOW,
    constants.MOUNT_ATTR_NOSYMFOLLOW,
    'clears',
  ],
  sync: [constants.MS_SYNCHRONOUS, 0],
  async: [constants.MS_SYNCHRONOUS, 0, 'clears'],
  dirsync: [constants.MS_DIRSYNC, 0],
  mand: [constants.MS_MANDLOCK, 0],
  nomand: [constants.MS_MANDLOCK, 0, 'clears'],
  lazytime: [constants.MS_LAZYTIME, 0],
  nolazytime: [constants.MS_LAZYTIME, 0, 'clears'],
  iversion: [constants.MS_I_VERSION, 0],
  noiversion: [constants.MS_I_VERSION, 0, 'clears'],
  silent: [constants.MS_SILENT, 0],
  loud: [constants.MS_SILENT, 0, 'clears'],
  remount: [constants.MS_REMOUNT, 0],
  bind: [constants.MS_BIND, 0],
  rbind: [constants.MS_BIND | constants.MS_REC, 0],
  defaults: [0, 0],
}

/** Times of access are one choice of three; the kernel's own is relatime, and to take another back is to choose that. */
const TIMES: Record<string, Flag> = {
  noatime: [constants.MS_NOATIME, constants.MOUNT_ATTR_NOATIME],
  atime: [constants.MS_NOATIME, constants.MOUNT_ATTR_NOATIME, 'clears'],
  strictatime: [constants.MS_STRICTATIME, constants.MOUNT_ATTR_STRICTATIME],
  nostrictatime: [
    constants.MS_STRICTATIME,
    constants.MOUNT_ATTR_STRICTATIME,
    'clears',
  ],
  relatime: [constants.MS_RELATIME, 0],
  norelatime: [constants.MS_RELATIME, 0, 'clears'],
}

const PROPAGATION: Record<string, number> = {
  private: constants.MS_PRIVATE,
  shared: constants.MS_SHARED,
  slave: constants.MS_SLAVE,
  unbindable: constants.MS_UNBINDABLE,
}

export interface Attributes {
  set: number
  clear: number
}

export interface Words {
  /** mount(2). */
  flags: number
  /** What the file system is to understand. */
  data: string
  /** mount_setattr(2): of the mount itself, and of all below it too. */
  own: Attributes
  all: Attributes
  /** In the order in which they are asked for. */
  propagation: number[]
  idmap?: 'idmap' | 'ridmap'
  copiesUp: boolean
}

// #region options
export function wordsOf(options: readonly string[]): Words {
  const words: Words = {
    flags: 0,
    data: '',
    own: { set: 0, clear: 0 },
    all: { set: 0, clear: 0 },
    propagation: [],
    copiesUp: false,
  }
  const rest = options.filter((option) => !heed(option, words))
  return { ...words, data: rest.join(',') }
}

/** Every word that is no data, for whoever asks what we understand. */
export const OPTIONS: readonly string[] = [
  ...Object.keys(FLAGS),
  ...Object.keys(TIMES),
  ...Object.entries({ ...FLAGS, ...TIMES }).flatMap(([word, [, attribute]]) =>
    attribute > 0 || word in TIMES ? [`r${word}`] : [],
  ),
  ...Object.keys(PROPAGATION).flatMap((word) => [word, `r${word}`]),
  ...['idmap', 'ridmap', 'tmpcopyup'],
]
// #endregion options

// #region heed
/** @returns whether it is one of ours. */
function heed(option: string, words: Words): boolean {
  const every = option.startsWith('r') ? option.slice(1) : ''
  if (option in FLAGS || option in TIMES) single(option, words)
  else if (isAttribute(every)) apply(every, words.all)
  else if (option in PROPAGATION)
    words.propagation.push(PROPAGATION[option] ?? 0)
  else if (every in PROPAGATION)
    words.propagation.push((PROPAGATION[every] ?? 0) | constants.MS_REC)
  else if (option === 'idmap' || option === 'ridmap') words.idmap = option
  else if (option === 'tmpcopyup') words.copiesUp = true
  else return false
  return true
}

const isAttribute = (word: string): boolean =>
  word in TIMES || (FLAGS[word]?.[1] ?? 0) > 0

/** The last word about a flag counts. */
function single(word: string, words: Words): void {
  const [flag, , clears] = FLAGS[word] ?? TIMES[word] ?? [0, 0]
  words.flags = clears ? words.flags & ~flag : words.flags | flag
  if (isAttribute(word)) apply(word, words.own)
}

function apply(word: string, attributes: Attributes): void {
  const [, attribute, clears] = FLAGS[word] ?? TIMES[word] ?? [0, 0]
  const other = word in TIMES ? constants.MOUNT_ATTR__ATIME : attribute
  if (word in TIMES) attributes.set &= ~constants.MOUNT_ATTR__ATIME
  if (clears) attributes.set &= ~attribute
  else attributes.set |= attribute
  attributes.clear =
    clears || word in TIMES
      ? attributes.clear | other
      : attributes.clear & ~attribute
}
// #endregion heed
