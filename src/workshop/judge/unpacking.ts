/**
 * A trial of a program that unpacks images: it is given some that nobody has seen before, and what counts is the tree that is there afterwards, and what
 * has become of the files beside it.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { token, type Arena } from './arena.ts'
import type { Facts, UnpackFacts } from './facts.ts'
import { leftBehind, survey } from './left.ts'
import { lookAtHost } from './look.ts'
import { directory, file, gone, hardLink, opaque, symlink, writeLayout } from './made-image.ts'
import { Run } from './program.ts'
import type { Tool } from './tool.ts'

export async function unpackTrial(unpacker: Tool, arena: Arena): Promise<Facts> {
  const before = survey(arena.newDirectory())
  const [image, end] = await plainTrial(unpacker, arena)
  const unpacked = { image, damaged: await damagedTrial(unpacker, arena), outside: await outsideTrial(unpacker, arena) }
  const asked = { lesson: 9, rootfs: '', args: [], status: 0, limits: {} }
  return { asked, host: lookAtHost(arena), unpacked, end, left: await leftBehind(before, undefined, arena) }
}

type Layers = Parameters<typeof writeLayout>[1]

interface Unpacked {
  tree: Record<string, string>
  end: Facts['end']
}

async function play(
  unpacker: Tool,
  arena: Arena,
  layers: Layers,
  spoil?: (bytes: Buffer) => Buffer,
): Promise<Unpacked> {
  const [layout, target] = [arena.newDirectory(), arena.newDirectory()]
  writeLayout(layout, layers, spoil)
  const end = await new Run(unpacker.words(['unpack', layout, target]), arena).end()
  return { tree: treeOf(target), end }
}

/** By its path, each file: `file 755 what is in it`, `link where to`, `directory`. */
const treeOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => [path, seen(root, path)]),
  )

function seen(root: string, path: string): string {
  const stats = fs.lstatSync(join(root, path))
  if (stats.isSymbolicLink()) return `link ${fs.readlinkSync(join(root, path))}`
  if (!stats.isFile()) return stats.isDirectory() ? 'directory' : 'something else'
  return `file ${(stats.mode & 0o7777).toString(8)} ${fs.readFileSync(join(root, path), 'utf8')}`
}

// #region plain
/** Three layers. Each path is kept with what it has to be in the end; none for what has to be gone. */
async function plainTrial(unpacker: Tool, arena: Arena): Promise<[UnpackFacts['image'], Facts['end']]> {
  const [kept, tool, changed, back, through] = names('etc/kept', 'bin/tool', 'etc/changed', 'etc/back', 'lib/through')
  const [lost, dropped, early, late] = names('etc/lost', 'dropped', 'var/early', 'var/late')
  const [old, newer, newest] = [token(), token(), token()]
  const lowest = [
    ...['etc', 'bin', 'usr', 'usr/lib', 'var', dropped, early, late, `${early}/old`, `${late}/both`].map(directory),
    ...[kept, changed, back, lost, `${dropped}/in-it`].map((name) => file(name, old)),
    ...[`${early}/old/in-it`, `${early}/same`, `${late}/old`, `${late}/both/old`].map((name) => file(name, old)),
    ...[file(tool, old, 0o755), symlink('lib', 'usr/lib')],
  ]
  const middle = [
    ...[file(changed, newer), gone(back), file(through, newer), gone(lost), gone(dropped)],
    ...[directory(early), opaque(early), file(`${early}/same`, newer)],
    ...[directory(late), directory(`${late}/both`), file(`${late}/both/new`, newer), opaque(late)],
  ]
  const { tree, end } = await play(unpacker, arena, [lowest, middle, [file(changed, newest), file(back, newest)]])
  return [
    {
      status: end.status,
      tree,
      lowest: { [kept]: `file 644 ${old}`, [tool]: `file 755 ${old}`, lib: 'link usr/lib' },
      layers: {
        [changed]: `file 644 ${newest}`,
        [back]: `file 644 ${newest}`,
        [through.replace('lib/', 'usr/lib/')]: `file 644 ${newer}`,
        lib: 'link usr/lib',
      },
      gone: [lost, dropped],
      opaque: {
        [early]: { same: `file 644 ${newer}` },
        [late]: { both: 'directory', 'both/new': `file 644 ${newer}` },
      },
    },
    end,
  ]
}

/** `etc/kept` is `etc/kept-` and something that was not there before. */
const names = <Names extends string[]>(...all: Names): { [N in keyof Names]: string } =>
  all.map((name) => `${name}-${token()}`) as { [N in keyof Names]: string }
// #endregion plain

// #region damaged
/** One bit of a file is another than when the layer got its name. The archive is as good as before. */
async function damagedTrial(unpacker: Tool, arena: Arena): Promise<UnpackFacts['damaged']> {
  const [name, word] = [token(), `${token()}a`]
  const spoilt = `${word.slice(0, -1)}c`
  const spoil = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace(word, spoilt), 'latin1')
  const { tree, end } = await play(unpacker, arena, [[file(name, word)]], spoil)
  return { status: end.status, isThere: Object.values(tree).some((one) => one.endsWith(spoilt)) }
}
// #endregion damaged

// #region outside
/** A layer has a link to a place outside; the next one uses it as a directory. Each way by itself: whoever refuses one image has not been tried by the others. */
async function outsideTrial(unpacker: Tool, arena: Arena): Promise<UnpackFacts['outside']> {
  const [outside, secret] = [arena.newDirectory(), token()]
  fs.writeFileSync(join(outside, 'precious'), secret)
  const way = [symlink('way', outside)]
  await play(unpacker, arena, [way, [file('way/planted', token())]])
  await play(unpacker, arena, [way, [gone('way/precious')]])
  const { tree } = await play(unpacker, arena, [[hardLink('taken', `../..${outside}/precious`)]])
  return {
    written: fs.readdirSync(outside).filter((name) => name !== 'precious'),
    removed: !fs.existsSync(join(outside, 'precious')),
    taken: Object.values(tree).some((one) => one.endsWith(secret)),
  }
}
// #endregion outside
