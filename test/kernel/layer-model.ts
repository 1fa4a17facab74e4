/** What layers mean, as simply as it can be said: a tree is a list of names. And random layers, which say only what a real program would. */
import type { Random } from '../pure/random.ts'
import type { Member } from './tar-maker.ts'

export interface Node {
  type: string
  mode: number
  mtime: number
  text: string
}

/** The root has the name ''. Names of one file have one node. */
export type Model = Map<string, Node>

export const emptyModel = (): Model => new Map([['', { type: '5', mode: 0o755, mtime: 0, text: '' }]])

const parentOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')))
const isBelow = (name: string, directory: string): boolean =>
  name !== '' && (directory === '' || name.startsWith(`${directory}/`))

/**
 * A link to a file of a lower layer: where there is one tree, one more name of the file; overlay copies the file up under the name that was said, and
 * from then on these two are one, and further names of the old one are not. Without either there are no such links, and no whiteouts of what is not there:
 * whoever sees no lower layer can do neither.
 */
export type Across = 'one file' | 'copied up' | undefined

/** Makes a layer, and the model what it makes of it. */
export class LayerMaker {
  readonly members: Member[] = []
  readonly #model: Model
  readonly #random: Random
  readonly #across: Across
  readonly #below: ReadonlySet<string>
  readonly #seen = new Set<string>()
  readonly #copied = new Set<string>()

  constructor(model: Model, random: Random, across?: Across) {
    this.#model = model
    this.#random = random
    this.#across = across
    this.#below = new Set(model.keys())
    this.#directory('')
    for (let n = random.below(30); n > 0; n--) this.#something()
  }

  #something(): void {
    const directory = this.#random.pick([...this.#model].filter(([, { type }]) => type === '5').map(([name]) => name))
    if (directory.split('/').length > 3) return
    const base = this.#random.pick(['a', 'b', 'c', 'd\ne', 'é'])
    const name = directory === '' ? base : `${directory}/${base}`
    const act = this.#random.pick(['f', 'f', 'd', 'd', 's', 'h', 'p', 'w', 'w', 'o'])
    this.#comeTo(directory)
    if (act === 'f') this.#put(name, '0', this.#random.text(9))
    if (act === 's') this.#put(name, '2', this.#random.pick(['a', '../b', '/c', '/nowhere']))
    if (act === 'p') this.#put(name, '6', '')
    if (act === 'd') this.#directory(name)
    if (act === 'w' && (this.#across || this.#below.has(name))) this.#whiteout(directory, base)
    if (act === 'o') this.#opaque(directory)
    if (act === 'h') this.#link(name)
  }

  /** As real programs do: a layer has an entry for each directory on the way. */
  #comeTo(directory: string): void {
    if (this.#seen.has(directory)) return
    this.#comeTo(parentOf(directory))
    const { mode, mtime } = this.#model.get(directory) as Node
    this.#say(directory, { type: '5', mode, mtime })
  }

  #say(name: string, member: Omit<Member, 'name'>): void {
    this.members.push({ ...member, name: name === '' ? './' : name })
    this.#seen.add(name)
  }

  #put(name: string, type: string, text: string): void {
    const node = { type, mode: type === '2' ? 0o777 : this.#mode(), mtime: this.#random.below(2 ** 31), text }
    this.#replace(name, node)
    this.#say(name, { ...node, ...(type === '2' ? { linkname: text } : { content: text }) })
  }

  #directory(name: string): void {
    const node = { type: '5', mode: this.#mode(), mtime: this.#random.below(2 ** 31), text: '' }
    if (this.#model.get(name)?.type === '5') this.#model.set(name, node)
    else this.#replace(name, node)
    this.#say(name, node)
  }

  #link(name: string): void {
    const targets = [...(this.#across ? this.#model.keys() : this.#seen)].filter(
      (target) => this.#model.get(target)?.type === '0' && target !== name && !isBelow(target, name),
    )
    if (targets.length === 0) return
    const target = this.#random.pick(targets)
    this.#replace(name, this.#linked(target))
    this.#say(name, { type: '1', linkname: target })
  }

  #linked(target: string): Node {
    const node = this.#model.get(target) as Node
    if (this.#across !== 'copied up' || this.#seen.has(target) || this.#copied.has(target)) return node
    const copy = { ...node }
    this.#model.set(target, copy)
    this.#copied.add(target)
    return copy
  }

  #replace(name: string, node: Node): void {
    for (const other of [...this.#model.keys()])
      if (isBelow(other, name)) {
        this.#model.delete(other)
        this.#seen.delete(other)
      }
    this.#model.set(name, node)
  }

  #whiteout(directory: string, base: string): void {
    const name = directory === '' ? base : `${directory}/${base}`
    this.members.push({ name: directory === '' ? `.wh.${base}` : `${directory}/.wh.${base}` })
    for (const other of [...this.#model.keys()])
      if ((other === name || isBelow(other, name)) && !this.#seen.has(other)) this.#model.delete(other)
  }

  #opaque(directory: string): void {
    if (directory === '' && !this.#across) return // of its own root overlay asks nothing
    this.members.push({ name: directory === '' ? '.wh..wh..opq' : `${directory}/.wh..wh..opq` })
    for (const other of [...this.#model.keys()])
      if (isBelow(other, directory) && !this.#seen.has(other)) this.#model.delete(other)
  }

  #mode(): number {
    return this.#random.pick([0o644, 0o755, 0o4711, 0o1777, 0])
  }
}

/** As layer-world.ts has it. */
export function pictureOfModel(model: Model): Record<string, string> {
  const first = new Map<Node, string>()
  const bits: Record<string, number> = { '0': 0o100000, '2': 0o120000, '5': 0o40000, '6': 0o10000 }
  const lines: Record<string, string> = {}
  for (const [name, node] of [...model].map(([name, node]) => [bytes(name), node] as const).sort(bySegments)) {
    const link = first.get(node)
    first.set(node, link ?? name)
    const whose = `${((bits[node.type] ?? 0) | node.mode).toString(8)} 0:0 ${BigInt(node.mtime) * 1_000_000_000n}`
    const parts = [whose, node.type === '2' ? `-> ${node.text}` : node.text, link === undefined ? '' : `=${link}`]
    lines[name] = parts.filter((part) => part !== '').join(' ')
  }
  return lines
}

const bytes = (name: string): string => Buffer.from(name).toString('latin1')

/** A directory before what is in it. */
const bySegments = ([one]: readonly [string, Node], [other]: readonly [string, Node]): number =>
  one.replaceAll('/', '\0') < other.replaceAll('/', '\0') ? -1 : 1
