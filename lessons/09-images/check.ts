/** What the judge looks for after lesson 9: the tree that a program has made of an image, and the files beside that tree. image-spec layer.md. */
import type { Check, Finding } from '../../src/workshop/judge/check.ts'
import type { Facts, UnpackFacts } from '../../src/workshop/judge/facts.ts'

const LESSON = 9

// #region checks
export const imagesChecks: Check[] = [
  {
    id: 'first',
    lesson: LESSON,
    title: 'what the lowest layer has is there',
    expected: ({ unpacked }) =>
      `the program ends with 0, and TARGET has ${Object.keys(unpacked?.image.lowest ?? {}).join(', ')} as the layer says`,
    look: ({ unpacked, end }) => {
      const { status, tree, lowest } = unpacked?.image ?? NOTHING
      const wrong = differing(tree, lowest)
      if (status === 0 && wrong === undefined && unpacked) return undefined
      return {
        found: `it ended with ${status ?? 'nothing: it had to be ended'}; ${wrong ?? 'all is there'}${words(end.stderr)}`,
        cause:
          'A layer is a tar archive, compressed or not; it is unpacked below TARGET, with modes and links as they are in it',
      }
    },
    hints: [
      'What is a layer, once you take away its long name? Which old program could unpack it?',
      'image-spec layer.md, Applying Changesets. Look for: "In the absence of any whiteout files in a layer changeset, the archive is extracted like a regular tar archive."',
      '   for await (const entry of entriesOf(blob)) {\n+    await put(root, entry)\n   }',
    ],
    why: 'each entry became a file below the root, with its mode, and a link stayed a link.',
  },
  {
    id: 'order',
    lesson: LESSON,
    title: 'each layer lies on the ones below it',
    needs: 'first',
    expected: () => 'a path has what the highest layer that speaks of it says',
    look: ({ unpacked }) => {
      const { tree, layers } = unpacked?.image ?? NOTHING
      const wrong = differing(tree, layers)
      return wrong === undefined
        ? undefined
        : {
            found: wrong,
            cause:
              'Layers are unpacked in the order of the manifest, all of them, and each into what those before it have made',
          }
    },
    hints: [
      'Two layers have the same file. Which of them is meant to be seen, and which has to be unpacked first for that?',
      'image-spec manifest.md, layers. Look for: "The array MUST have the base layer at index 0. Subsequent layers MUST then follow in stack order".',
      '-  for (const blob of blobs.slice(0, 1)) await unpackLayer(blob, target)\n+  for (const blob of blobs) await unpackLayer(blob, target)',
    ],
    why: 'the first of the list lies at the bottom, and whatever comes later takes the place of what was there.',
  },
  {
    id: 'whiteout',
    lesson: LESSON,
    title: 'what a layer says to be gone is gone',
    needs: 'order',
    expected: ({ unpacked }) =>
      `neither ${unpacked?.image.gone.join(' nor ')}, nor any file named .wh.…`,
    look: ({ unpacked }) => {
      const { tree, gone } = unpacked?.image ?? NOTHING
      const left = Object.keys(tree).filter(
        (path) => gone.includes(path) || /(^|\/)\.wh\.(?!\.wh\.)/.test(path),
      )
      return left.length === 0
        ? undefined
        : {
            found: `there is ${left.join(', ')}`,
            cause:
              'A tar archive can only add. That something is gone, a layer says by a file of the same name with .wh. before it',
          }
    },
    hints: [
      'How would you say in a tar archive that a file is not there any more?',
      'image-spec layer.md, Whiteouts. Look for: "A whiteout filename consists of the prefix .wh. plus the basename of the path to be deleted."',
      "+    const whiteout = whiteoutOf(entry.name)\n+    if (whiteout.is === 'gone') rmSync(pathIn(root, whiteout.name), { recursive: true, force: true })\n+    else await put(root, entry)",
    ],
    why: 'the entry was understood, not unpacked: what it names was removed, a directory with all that was in it.',
  },
  {
    id: 'opaque',
    lesson: LESSON,
    title: 'an opaque directory has its own layer’s files alone',
    needs: 'whiteout',
    expected: ({ unpacked }) =>
      Object.entries(unpacked?.image.opaque ?? {})
        .map(
          ([directory, inside]) =>
            `in ${directory} just ${Object.keys(inside).join(', ')}`,
        )
        .join('; '),
    look: ({ unpacked }) => {
      const { tree, opaque } = unpacked?.image ?? NOTHING
      return Object.keys(opaque)
        .map((directory) => opacity(directory, tree, opaque[directory] ?? {}))
        .find((finding) => finding !== undefined)
    },
    hints: [
      'One file in a directory speaks of all the others in it, and may come last. Which of them does it mean?',
      'image-spec layer.md, Whiteouts. Look for: "Whiteout files MUST only apply to resources in lower/parent layers."',
      "+  const seen = new Seen()   // what this layer has brought\n+    if (whiteout.is === 'opaque') hideBelow(root, whiteout.name, seen)   // all but that, and so on below\n     await put(root, entry)\n+    seen.add(entry.name)",
    ],
    why: 'all that was in it before its layer was removed, and what the layer itself brought stayed, whichever came first in the archive.',
  },
  {
    id: 'digest',
    lesson: LESSON,
    title: 'a changed bit is noticed',
    needs: 'first',
    expected: () =>
      'an image with a wrong bit in a layer is refused: another status than 0, and the bit is nowhere in TARGET',
    look: ({ unpacked }) => {
      const { status, isThere } = unpacked?.damaged ?? {
        status: 0,
        isThere: true,
      }
      return status !== 0 && !isThere
        ? undefined
        : {
            found: `it ended with ${status ?? 'nothing'}, and the wrong bit is ${isThere ? 'in TARGET' : 'not in TARGET'}`,
            cause:
              'The name of a blob was believed. It is the digest of what the file should have in it, and anybody can change a file',
          }
    },
    hints: [
      'A file is named by a hash of its own content. What can you find out about it that you could not about a file named layer-2.tar?',
      'image-spec descriptor.md, Verification. Look for: "Before consuming content targeted by a descriptor from untrusted sources, the byte content SHOULD be verified against the digest string."',
      "+  for (const { file, digest } of layers)\n+    if (digestOf(readFileSync(file), algorithmOf(digest)) !== digest) throw new Error('…')",
    ],
    why: 'the bytes were hashed before anything was made of them, and the hash was not the name.',
  },
  {
    id: 'outside',
    lesson: LESSON,
    title: 'no name in a layer leads out of the tree',
    needs: 'order',
    expected: () =>
      'a directory beside TARGET is as it was, whatever link a layer has to it',
    look: ({ unpacked }) => {
      const { written, removed, taken } = unpacked?.outside ?? UNTOUCHED
      const done = [
        ...written.map((name) => `${name} was written there`),
        ...(removed ? ['its file was removed'] : []),
        ...(taken ? ['its file has a name in TARGET'] : []),
      ]
      return done.length === 0
        ? undefined
        : {
            found: done.join(', '),
            cause:
              'A layer made a link, and the next one used it as a directory. For the kernel a link begins at your root, as any path does',
          }
    },
    hints: [
      'Looking at each name before it is used is a race, and a long list of cases. What if there were no outside?',
      'man 2 chroot. Look for: "This directory will be used for pathnames beginning with /."',
      "   const blobs = layers.map(({ file }) => openSync(file, 'r'))\n+  chroot(target)\n-  for (const blob of blobs) await unpackLayer(blob, target)\n+  for (const blob of blobs) await unpackLayer(blob, '/')",
    ],
    why: 'the process that unpacks has the tree for its root: to it, no path means anything outside.',
  },
]
// #endregion checks

type Tree = Record<string, string>

const NOTHING: UnpackFacts['image'] = {
  ...{ status: undefined, tree: {}, lowest: {}, layers: {} },
  ...{ gone: [], opaque: {} },
}

const UNTOUCHED: UnpackFacts['outside'] = {
  ...{ written: [], removed: false, taken: false },
}

const words = (stderr: Facts['end']['stderr']): string =>
  stderr.trim() ? `\n${stderr.trim().split('\n').slice(0, 3).join('\n')}` : ''

/** In words, the first path at which something else is. */
function differing(tree: Tree, wanted: Tree): string | undefined {
  const path = Object.keys(wanted).find((name) => tree[name] !== wanted[name])
  return path === undefined
    ? undefined
    : `${path} is ${quoted(tree[path])}, not ${quoted(wanted[path])}`
}

const quoted = (what: string | undefined): string =>
  what === undefined ? 'not there' : `“${what}”`

function opacity(
  directory: string,
  tree: Tree,
  wanted: Tree,
): Finding | undefined {
  const found = Object.keys(tree)
    .filter((path) => path.startsWith(`${directory}/`))
    .map((path) => path.slice(directory.length + 1))
  const more = found.filter((path) => !(path in wanted))
  const missing = Object.keys(wanted).filter((path) => !found.includes(path))
  if (missing.length > 0)
    return {
      found: `${directory} lacks ${missing.join(', ')}, which its own layer has brought`,
      cause:
        'The directory was emptied when the marker was met, and files of the same layer had come before it',
    }
  if (more.length === 0) return undefined
  return {
    found: `${directory} has ${more.join(', ')} besides`,
    cause: more.includes('.wh..wh..opq')
      ? 'The marker was taken for a file like any other, and for a whiteout of a file that is not there'
      : 'What lower layers had in it was left, in it or in a directory that the layer has as well',
  }
}
