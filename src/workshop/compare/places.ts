/**
 * Where a process of a trace stands: its working directory, what its descriptors name, whether the box's root is its own yet. A call says
 * `mount(…, "/proc/self/fd/6", …)`; which place that is stands in the calls before it.
 */
import { unquote, type Traced } from './trace.ts'

/** What open_tree(2) opens is a mount of its own, and of the same name. */
export const TREE = 'tree of '

// #region places
export class Places {
  /** After pivot_root or chroot every path is one of the box. */
  rooted = false
  cwd: string
  readonly #descriptors: Map<number, string>
  /** What is under way between processes, by SCM_RIGHTS: unix(7). */
  readonly #sent: string[]

  /** A process is born where its mother stands. */
  constructor(mother?: Places) {
    this.#sent = mother ? mother.#sent : []
    this.cwd = mother?.cwd ?? ''
    this.rooted = mother?.rooted ?? false
    this.#descriptors = new Map(mother ? mother.#descriptors : [])
  }

  /** Reads what a call that the kernel granted has changed. */
  follow({ call, args, result }: Traced): void {
    for (const arg of args) this.#note(arg)
    if (call === 'close') this.#descriptors.delete(Number.parseInt(args[0] ?? ''))
    if (call === 'sendmsg') this.#sent.push(...handed(args).map((descriptor) => this.descriptor(descriptor)))
    if (call === 'recvmsg') for (const descriptor of handed(args)) this.#receive(descriptor)
    const [, number, name = ''] = /^(\d+)(?:<(.*)>)?/.exec(result) ?? []
    const ours = this.#nameOf(call, args) ?? name
    if (number !== undefined && ours !== '') this.#descriptors.set(Number(number), ours)
    if (call === 'chdir') this.cwd = this.path(args[0])
    if (call === 'fchdir') this.cwd = this.descriptor(args[0])
    if (call === 'pivot_root' || call === 'chroot') [this.rooted, this.cwd] = [true, '']
  }
  // #endregion places

  /** A number may have been given to something else meanwhile. */
  #note(arg: string): void {
    const [, number, name = ''] = /^(\d+)<(.*)>/.exec(arg) ?? []
    if (number !== undefined && isTelling(arg)) this.#descriptors.set(Number(number), name)
  }

  #receive(descriptor: string): void {
    const name = this.#sent.shift()
    if (name !== undefined) this.#descriptors.set(Number.parseInt(descriptor), name)
  }

  /** What is opened below a descriptor of ours that has been unlinked since, or is no file at all, has another name than strace finds. */
  #nameOf(call: string, args: readonly string[]): string | undefined {
    switch (call) {
      case 'openat':
      case 'openat2':
        return this.at(args[0], args[1])
      case 'open_tree':
        return `${TREE}${this.at(args[0], args[1])}`
      case 'fsopen':
        return `new ${unquote(args[0] ?? '')}`
      case 'fsmount':
        return this.descriptor(args[0])
      case 'memfd_create':
        return `memfd:${unquote(args[0] ?? '')}`
      default:
        return undefined
    }
  }

  /** Of `3</etc>`: what it names. */
  descriptor(text = ''): string {
    const [, number = '', name = ''] = /^(\d+)(?:<(.*)>)?/.exec(text) ?? []
    return isTelling(text) ? name : (this.#descriptors.get(Number(number)) ?? name)
  }

  path(text = ''): string {
    return this.#follow(unquote(text), this.cwd)
  }

  /** The *at() calls take a path from a directory on: openat(2). */
  at(directory = '', text = ''): string {
    const path = unquote(text)
    const from = directory.startsWith('AT_FDCWD') ? this.cwd : this.descriptor(directory)
    return path === '' ? this.descriptor(directory) : this.#follow(path, from)
  }

  #follow(path: string, from: string): string {
    const whole = path.startsWith('/') || path === '.' || from === '' ? path : `${from === '/' ? '' : from}/${path}`
    const number = /^\/proc\/(?:self|thread-self|\d+)\/fd\/(\d+)$/.exec(whole)?.[1]
    return (number === undefined ? undefined : this.#descriptors.get(Number(number))) ?? whole
  }
}

/** `3</>` may be anything that has no name any more, or never had one; `4</memfd:launch>(deleted)` says as much. */
const isTelling = (descriptor: string): boolean =>
  /^\d+<.+>$/.test(descriptor) && !/^\d+<(\/|anon_inode:.*)>$/.test(descriptor)

/** `…cmsg_type=SCM_RIGHTS, cmsg_data=[5</>, 6</dev>]…` */
const handed = (args: readonly string[]): string[] =>
  /SCM_RIGHTS, cmsg_data=\[([^\]]*)\]/.exec(args.join())?.[1]?.split(', ') ?? []
