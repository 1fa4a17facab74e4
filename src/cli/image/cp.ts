import { copy, groundOf, machine, STREAM, type End } from '../../engine/copy.ts'
import { Shelf } from '../../engine/kept.ts'
import { openStores, type Stores } from '../../image/stores.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'
import { sayLeftOut } from './left-out.ts'

// ts-unused-exports:disable-next-line
export const cp = command({
  usage: 'CONTAINER:PATH PATH|- or PATH|- CONTAINER:PATH',
  about:
    'What is copied goes into a directory that is there, and takes the name that is not; of PATH/. the content is copied. "-" is a tar archive. Copies are yours: root’s, in a container. Volumes are seen in a container that runs.\n\nboxwright cp web:/etc/hosts .',
  options: {
    archive: { short: 'a', about: 'files stay whose they are, set-user-ID and all' },
    'follow-link': { short: 'L', about: 'of a link, copy what it leads to' },
  },
  words: [2, 2],
  run: async ({ archive = false, 'follow-link': follows = false }, [from = '', to = '']) => {
    requireOne(from, to)
    using stores = await openStores()
    using source = await endOf(stores, from)
    using target = await endOf(stores, to)
    sayLeftOut(await copy(source.end, target.end, { keepsOwner: archive, follows }))
  },
})

/** As Docker tells them apart: what begins with a slash or a dot is a path of this machine's, whatever is in it. */
const containerIn = (word: string): RegExpExecArray | null => /^([^/.:][^:]*):(.*)$/s.exec(word)

function requireOne(...words: [string, string]): void {
  const count = words.filter(containerIn).length
  if (count === 1) return
  const fact = count === 0 ? 'neither is in a container' : 'both are in a container'
  throw new Complaint(`Cannot copy "${words[0]}" to "${words[1]}": ${fact}\n  One of them is CONTAINER:PATH`)
}

interface Opened extends Disposable {
  end: End | typeof STREAM
}

async function endOf(stores: Stores, word: string): Promise<Opened> {
  const [, name, path = ''] = containerIn(word) ?? []
  if (name === undefined && word === '-') return { end: STREAM, [Symbol.dispose]: () => {} }
  const shelf = new Shelf(stores.data)
  const ground = name === undefined ? machine : await groundOf(stores, shelf, shelf.find(name))
  const end = {
    ground,
    path: absolute(name === undefined ? process.cwd() : '/', name === undefined ? word : path),
    shown: word,
  }
  return { end, [Symbol.dispose]: () => ground[Symbol.dispose]() }
}

/** What it ends with says what is meant, and stays. */
const absolute = (directory: string, path: string): string =>
  path.startsWith('/') ? path : `${directory === '/' ? '' : directory}/${path}`
