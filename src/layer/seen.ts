/** What this layer has brought so far: its own files are not what its whiteouts are about. image-spec, layer.md §whiteouts. */
import { baseOf, parentOf, type Name } from './names.ts'

export class Seen {
  readonly #children = new Map<Name, Set<string>>()

  add(name: Name): void {
    if (name === '') return
    const directory = parentOf(name)
    const children = this.#children.get(directory)
    if (children) children.add(baseOf(name))
    else {
      this.#children.set(directory, new Set([baseOf(name)]))
      this.add(directory)
    }
  }

  has(name: Name): boolean {
    return name === '' || this.#children.get(parentOf(name))?.has(baseOf(name)) === true
  }

  /** It was there, and something else has taken its place: what was in it is no more. */
  forget(name: Name): void {
    for (const base of this.#children.get(name) ?? []) this.forget(`${name}/${base}`)
    this.#children.delete(name)
  }
}
