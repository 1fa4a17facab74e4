/** The house: a file imports from its own floor and from the floors below it, never from above. `npm run floors` looks. */

// #region house
const house = [
  ['cli'], //                            the face: commands
  ['workshop'], //                       lessons, attacks, the judge
  ['docker', 'cri'], //                  today's two front doors
  ['engine'], //                         containerd's idea: images, containers, tasks behind one API
  ['shim'], //                           what keeps a box when its maker is gone
  ['runtime'], //                        runC's idea: create, start, kill, delete
  ['image'], //                          what a box is filled with
  ['registry'], //                       the place to get images from
  ['layer', 'snapshot', 'network'], //   tar in and out; copies on write; what a box is connected to
  ['content'], //                        things by their digest, and who still needs them
  ['box'], //                            the walls
  ['launch'], //                         what plays a plan
  ['plan'], //                           a container as data
  ['oci'], //                            the specifications as types
  ['kernel'], //                         Linux in TypeScript
]
// #endregion house

const rooms = (floors) => `^src/(${floors.flat().join('|')})/`

const stairs = house.slice(1).map((floor, n) => ({
  name: `${floor.join(', ')}: never from above`,
  comment: `src/${floor.join(' and src/')} may not import from a floor above: ${house
    .slice(0, n + 1)
    .reverse()
    .flat()
    .join(', ')}.`,
  severity: 'error',
  from: { path: rooms([floor]) },
  to: { path: rooms(house.slice(0, n + 1)) },
}))

const entries = [
  '^src/cli/main\\.ts$',
  '^src/cli/runc/entry\\.ts$',
  '^src/cli/compiled\\.ts$',
  '^src/launch/inside\\.ts$',
  '^src/launch/whole\\.ts$',
  '^src/layer/unpack\\.ts$',
  '^src/image/within\\.ts$',
]

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

export default {
  forbidden: [
    ...stairs,
    rule('no cycles', 'Files that import each other in a ring are one idea in several files.', {}, { circular: true }),
    rule(
      'every room has a floor',
      'A folder in src/ that is not in the house: give it a floor in .dependency-cruiser.mjs.',
      { path: '^src/', pathNot: rooms(house) },
      {},
    ),
    rule(
      'one file loads FFI',
      'ffi-napi and ref-napi stand behind src/kernel/libc.ts.',
      { pathNot: '^src/kernel/libc\\.ts$' },
      { path: '(^|/)(ffi|ref)-napi(/|$)' },
    ),
    rule(
      'lessons are handed in',
      'The command knows the lessons and hands them down; the rest of src/ does not know them.',
      { path: '^src/', pathNot: '^src/cli/' },
      { path: '^lessons/' },
    ),
    rule(
      'a lesson stands alone',
      'A lesson imports from src/ and from its own folder, not from another lesson.',
      { path: '^lessons/([^/]+)/' },
      { path: '^lessons/', pathNot: '^lessons/$1/' },
    ),
    rule(
      'a stage is started, no more',
      'Of the command, a lesson uses src/cli/stage.ts alone, bundle-stage.ts or snapshot-stage.ts.',
      { path: '^lessons/' },
      { path: '^src/cli/', pathNot: '^src/cli/((bundle|snapshot)-)?stage\\.ts$' },
    ),
    rule(
      'nothing dead',
      'No command and no lesson leads to this file: delete it, or give it a use.',
      { path: [...entries, '^lessons/'] },
      { path: '^src/.*\\.ts$', pathNot: entries, reachable: false },
    ),
    rule(
      'nobody imports a test',
      'What two tests share stands in test/; what the program needs does not.',
      { pathNot: '^test/' },
      { path: '^test/' },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // a type is an import as well
  },
}
