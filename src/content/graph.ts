/** All that could be garbage, and what each thing needs; and where the needing begins. */
import type { Digest } from '../oci/digest.ts'
import { Damaged, type BlobInfo, type Content } from './content.ts'
import type { Labels } from './labels.ts'
import { isOver, type Thing } from './leases.ts'
import { manifestIn, namedBy, partsOf, ROOT } from './references.ts'
import type { Store } from './store.ts'

/** What else can be garbage: a snapshotter, by its name. */
export interface Shelf {
  name: string
  walk(): Iterable<{ key: string; parent?: string | undefined; labels: Labels }>
  remove(key: string): void
}

interface Node {
  needs: Thing[]
  isRoot: boolean
  subject?: Digest | undefined
  /** What it needs cannot be told. */
  damaged?: Damaged
}

export type Graph = Map<Thing, Node>

// #region graph
function graphOf({ content }: Store, shelves: readonly Shelf[]): Graph {
  const graph: Graph = new Map()
  for (const info of content.walk()) graph.set(`content/${info.digest}`, blobNode(content, info))
  for (const shelf of shelves)
    for (const { key, parent, labels } of shelf.walk()) {
      const below = parent === undefined ? [] : [`snapshot/${shelf.name}/${parent}` as const]
      graph.set(`snapshot/${shelf.name}/${key}`, { needs: [...namedBy(labels), ...below], isRoot: ROOT in labels })
    }
  // What says something about a thing, a signature for example, is there as long as the thing is.
  for (const [thing, { subject }] of graph) if (subject) graph.get(`content/${subject}`)?.needs.push(thing)
  return graph
}
// #endregion graph

function blobNode(content: Content, info: BlobInfo): Node {
  const node = { needs: namedBy(info.labels), isRoot: ROOT in info.labels }
  try {
    const document = manifestIn(content, info)
    return document
      ? { ...node, needs: [...node.needs, ...partsOf(document)], subject: document.subject?.digest }
      : node
  } catch (error) {
    if (error instanceof Damaged) return { ...node, damaged: error }
    throw error
  }
}

// #region mark
function rootsOf({ images, leases }: Store, graph: Graph): Thing[] {
  return [
    ...images.list().flatMap(({ target, labels }): Thing[] => [`content/${target.digest}`, ...namedBy(labels)]),
    ...leases.list().flatMap((lease) => (isOver(lease) ? [] : [...lease.holds, ...namedBy(lease.labels)])),
    ...[...graph].flatMap(([thing, { isRoot }]) => (isRoot ? thing : [])),
  ]
}

/** @throws Damaged when what is needed cannot be told: who does not know may not throw away. */
function mark(roots: readonly Thing[], graph: Graph): Set<Thing> {
  const marked = new Set<Thing>()
  const next = [...roots]
  for (let thing = next.pop(); thing !== undefined; thing = next.pop()) {
    if (marked.has(thing)) continue
    marked.add(thing)
    const node = graph.get(thing)
    if (node?.damaged) throw node.damaged
    next.push(...(node?.needs ?? []))
  }
  return marked
}

/** @returns all that could be garbage, and what of it nothing needs. */
export function garbageIn(
  store: Store,
  shelves: readonly Shelf[],
): { graph: Graph; needed: Set<Thing>; garbage: Thing[] } {
  const graph = graphOf(store, shelves)
  const needed = mark(rootsOf(store, graph), graph)
  return { graph, needed, garbage: [...graph.keys()].filter((thing) => !needed.has(thing)) }
}
// #endregion mark
