/**
 * A trial of a program that keeps snapshots: boxes stand on them, change what they see, and are looked at while they live; then the store is looked
 * through. The names and the words in all files are new each time.
 */
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { randomInt } from 'node:crypto'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import { allPids } from '../../kernel/proc.ts'
import { usageOf } from '../../snapshot/usage.ts'
import { token, type Arena } from './arena.ts'
import type { End, Facts, RootFacts, StandingFacts } from './facts.ts'
import { foreignMounts, leftBehind, survey } from './left.ts'
import { lookAtHost } from './look.ts'
import { Run } from './program.ts'
import type { Tool } from './tool.ts'

export async function standingTrial(program: Tool, arena: Arena): Promise<Facts> {
  const image = arena.newRootfs()
  const before = survey(image)
  const trial = new Standing(program, arena, image)
  const standing = await trial.facts()
  const left = await leftBehind(before, undefined, arena)
  const asked = { lesson: 11, rootfs: image, args: [], status: 0, limits: {} }
  return { asked, host: lookAtHost(arena), standing, end: trial.end, left: { ...left, rootfs: [] } }
}

class Standing {
  /** Of the command that failed first; otherwise of the last. */
  end: End = { stdout: '', stderr: '' }
  readonly #program: Tool
  readonly #arena: Arena
  readonly #image: string
  readonly #store: string
  readonly #failed: string[] = []
  /** Files, by what becomes of them. */
  readonly #names = Object.fromEntries(
    ['kept', 'order', 'first', 'changed', 'gone', 'mine'].map((name) => [name, `${name}-${token()}`]),
  ) as StandingFacts['names']
  readonly #words = { base: token(), first: token(), second: token(), mine: token() }

  constructor(program: Tool, arena: Arena, image: string) {
    this.#program = program
    this.#arena = arena
    this.#image = image
    this.#store = join(arena.directory, `store-${token()}`)
    const { kept, order, changed, gone } = this.#names
    for (const name of [kept, order, changed, gone]) fs.writeFileSync(join(image, name), this.#words.base)
  }

  // #region facts
  async facts(): Promise<StandingFacts> {
    const { order, first, changed, gone, mine } = this.#names
    await this.#act('import', 'base', this.#image)
    const lowest = this.#found(Object.values(this.#names))
    const one = await this.#layer('first', 'base', [put(order, this.#words.first), put(first, this.#words.first)])
    await this.#layer('second', 'first', [put(order, this.#words.second)])
    const lower = { ...this.#found(Object.values(this.#names)), ...lowest }
    const size = this.#size()
    await this.#act('prepare', 'a', 'second')
    await this.#act('prepare', 'b', 'second')
    const added = this.#size() - size
    const own = [put(mine, this.#words.mine), put(changed, this.#words.mine), `rm /${gone}`]
    await using a = await this.#box('a', own)
    await using b = await this.#box('b', [])
    const boxes = { a: a.look(), b: b.look() }
    const leaked = foreignMounts(this.#arena)
    await a.stop()
    await b.stop()
    const touched = Object.entries(lower).filter(([path, word]) => wordIn(path) !== word)
    await this.#act('commit', 'third', 'a')
    const change = this.#change()
    await this.#act('prepare', 'c', 'third')
    await using c = await this.#box('c', [])
    return {
      names: this.#names,
      words: this.#words,
      failed: this.#failed,
      ...{ one, boxes, leaked, change, child: c.look() },
      touched: touched.map(([path]) => this.#short(path)),
      disk: { image: usageOf(this.#image).size, added },
    }
  }
  // #endregion facts

  // #region act
  async #act(verb: string, ...words: string[]): Promise<void> {
    this.#note(
      `${verb} ${words[0]}`,
      await new Run(this.#program.words([verb, this.#store, ...words]), this.#arena).end(),
    )
  }

  #note(what: string, end: End): void {
    if (this.#failed.length === 0) this.end = end
    if (end.status !== 0) this.#failed.push(what)
  }

  /** A box changes what it stands on, and that is kept. */
  async #layer(name: string, parent: string, commands: readonly string[]): Promise<RootFacts | undefined> {
    const key = `for-${name}`
    await this.#act('prepare', key, parent)
    await using box = await this.#box(key, commands)
    const seen = box.look()
    await box.stop()
    await this.#act('commit', name, key)
    return seen
  }

  /** The command does nothing where it does not find what is in the image, and then waits. Who it is tells its own number of seconds. */
  async #box(key: string, commands: readonly string[]): Promise<Live> {
    const seconds = String(randomInt(1e8, 1e9))
    const script = [`[ -f /${this.#names.kept} ] || exit 1`, ...commands, `exec sleep ${seconds}`].join('\n')
    const run = new Run(this.#program.words(['run', this.#store, key, '/bin/sh', '-c', script]), this.#arena)
    const pid = await run.until(sleeper(seconds, run.ended))
    if (pid === undefined) this.#note(`run ${key}`, await run.end())
    return new Live(run, pid, Object.values(this.#names))
  }
  // #endregion act

  #size = (): number => (fs.existsSync(this.#store) ? usageOf(this.#store).size : 0)

  /** Where in the store there are files of these names, and what is in them. */
  #found(names: readonly string[]): Record<string, string> {
    if (!fs.existsSync(this.#store)) return {}
    const all = fs.readdirSync(this.#store, { recursive: true, encoding: 'utf8' })
    const paths = all.filter((path) => names.some((name) => path.endsWith(`/${name}`)))
    return Object.fromEntries(paths.map((path) => join(this.#store, path)).map((path) => [path, wordIn(path) ?? '']))
  }

  /** All that is beside the box's own file, where that is kept. */
  #change(): Record<string, string> {
    const [own] = Object.keys(this.#found([this.#names.mine]))
    if (own === undefined) return {}
    const layer = dirname(own)
    const all = fs.readdirSync(layer, { recursive: true, encoding: 'utf8' })
    return Object.fromEntries(all.map((path) => [path, wordIn(join(layer, path)) ?? 'something else']))
  }

  #short = (path: string): string => path.replace(this.#store, 'STORE')
}

const put = (name: string, word: string): string => `printf %s ${word} > /${name}`

/** Of a regular file. A whiteout is a character device 0:0: overlayfs.rst. */
function wordIn(path: string): string | undefined {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isFile()) return fs.readFileSync(path, 'utf8')
  return stat?.isCharacterDevice() && stat.rdev === 0 ? 'gone' : undefined
}

// #region live
/** @returns the process that sleeps for so long, as soon as there is one. */
async function sleeper(seconds: string, ended: Promise<unknown>): Promise<number | undefined> {
  const over = ended.then(() => true)
  for (let isOver = false; ;) {
    const pid = allPids().find((one) => commandOf(one) === `sleep\0${seconds}\0`)
    if (pid !== undefined || isOver) return pid
    isOver = await Promise.race([over, passed(20, false)])
  }
}

function commandOf(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return undefined // it has just ended
  }
}

class Live implements AsyncDisposable {
  readonly #run: Run
  readonly #pid: number | undefined
  readonly #names: readonly string[]
  #stopped = false

  constructor(run: Run, pid: number | undefined, names: readonly string[]) {
    this.#run = run
    this.#pid = pid
    this.#names = names
  }

  /** What it sees: through its own root, which is the kernel's answer and not the program's. */
  look(): RootFacts | undefined {
    if (this.#pid === undefined) return undefined
    const root = `/proc/${this.#pid}/root`
    const words = this.#names.map((name) => [name, wordIn(join(root, name))] as const)
    const mount = readMountInfo(this.#pid).findLast(({ mountPoint }) => mountPoint === '/')
    const option = (name: string): string | undefined =>
      mount?.superOptions.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
    return {
      files: Object.fromEntries(words.filter(([, word]) => word !== undefined)) as Record<string, string>,
      type: mount?.type ?? '',
      upper: option('upperdir'),
      work: option('workdir'),
    }
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    if (this.#pid !== undefined) process.kill(this.#pid, 'SIGKILL')
    await this.#run.end()
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.stop()
}
// #endregion live
