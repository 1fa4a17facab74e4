/** Text that cannot drift: each test makes one change in a copy of the workshop, and watches the check find it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const isRoot = process.getuid?.() === 0

const copy = mkdtempSync(join(tmpdir(), 'boxwright-drift-'))
after(() => rmSync(copy, { recursive: true }))
chmodSync(copy, 0o755)
const BUILT = ['launch', 'addon.node', 'inode.node', 'notify', 'boxwright', 'boxwright-runc', 'attack', 'attack.so']
  .map((name) => `dist/${name}`)
  .filter((name) => existsSync(join(repository, name)))
for (const name of ['src', 'lessons', 'slides', 'docs', 'native', 'package.json', 'tsconfig.json', ...BUILT])
  cpSync(join(repository, name), join(copy, name), { recursive: true })
symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))

interface Checked {
  status: number | null
  output: string
}

/** Without root no console is replayed, which most changes do not need, and which takes the most time. */
function check(cwd: string, uid: number | undefined): Checked {
  const built = spawnSync(process.execPath, ['src/cli/bundle.mjs'], { cwd, encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  const options = { cwd, encoding: 'utf8', ...(uid === undefined ? {} : { uid }) } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/boxwright.mjs', 'weave', '--check'], options)
  return { status, output: stdout + stderr }
}

test('lessons and slides say nothing that is not so', { skip: !isRoot && 'consoles are replayed by root' }, () => {
  const { status, output } = check(repository, undefined)
  assert.equal(status, 0, output)
  assert.match(output, /^\d+ fences: .*; 0 problems$/m)
  const [, share] = /(\d+(?:\.\d+)?) % not run/.exec(output) ?? []
  assert.ok(Number(share) <= 5, output)
})

const LESSON = 'lessons/01-chroot/lesson.md'

/** What is changed where, and what the check says of it. */
const DRIFTS: [name: string, path: string, from: string, to: string, said: RegExp][] = [
  [
    'an identifier in a quoted wall is another',
    'src/box/root.ts',
    "steps: (spec) => [\n    box('chroot', [spec.",
    "steps: (asked) => [\n    box('chroot', [asked.",
    /^lessons\/01-chroot\/lesson\.md:\d+ {2}<<< src\/box\/root\.ts#root is not what it was/m,
  ],
  [
    'a flag in a plan is another',
    'src/box/mounts.ts',
    'MS_BIND | MS_REC',
    'MS_BIND',
    /^lessons\/04-cgroups\/lesson\.md:\d+ {2}boxwright stage 4 .* is not what it was/m,
  ],
  [
    'a region is gone',
    'src/box/mounts.ts',
    '// #region pivot',
    '// #region turn',
    /^lessons\/03-mounts\/lesson\.md:\d+ {2}Cannot quote "src\/box\/mounts\.ts#pivot": there is no region/m,
  ],
  [
    'a quotation leaves the repository',
    LESSON,
    '\n## The idea',
    '\n<<< ../../etc/passwd#root\n\n## The idea',
    /^lessons\/01-chroot\/lesson\.md:\d+ {2}Cannot quote ".*": the path leaves the repository/m,
  ],
  [
    'a fence is neither woven nor replayed nor labelled',
    LESSON,
    '\n## The idea',
    '\n```sh\nrm -rf /\n```\n\n## The idea',
    /^lessons\/01-chroot\/lesson\.md:\d+ {2}This fence \("sh"\) is neither woven/m,
  ],
  [
    'a fence hides in a list',
    LESSON,
    '\n## The idea',
    '\n- so:\n\n  ```console\n  $ true\n  ```\n\n## The idea',
    /^lessons\/01-chroot\/lesson\.md:\d+ {2}A fence \("console"\) stands in a list/m,
  ],
  [
    'an exported function is quoted by no lesson',
    'src/box/root.ts',
    '// #region root',
    'export function stray(): void {}\n\n// #region root',
    /^src\/box\/root\.ts:\d+ {2}"stray" is quoted by no lesson/m,
  ],
  [
    'a wall is quoted by two lessons',
    'lessons/02-namespaces/lesson.md',
    '\n## The idea',
    '\n<<< src/box/root.ts#root\n\n## The idea',
    /^src\/box\/root\.ts:\d+ {2}"root" is quoted 2 times/m,
  ],
  [
    'a stage imports what a later lesson teaches',
    'lessons/01-chroot/stage.ts',
    'import { stage }',
    "export { mounts } from '../../src/box/mounts.ts'\nimport { stage }",
    /^lessons\/01-chroot\/stage\.ts:1 {2}comes to src\/box\/mounts\.ts, which lesson 3 teaches/m,
  ],
  [
    'code does not fit a slide',
    'slides/01-chroot.md',
    '<<< src/box/root.ts#root 4|5|6',
    '<<< src/launch/ledger.ts#ledger',
    /^slides\/01-chroot\.md:\d+ {2}does not fit a slide: \d+ /m,
  ],
  [
    'a deck takes longer than it says',
    'slides/01-chroot.md',
    'minutes: 20',
    'minutes: 15',
    /^slides\/01-chroot\.md:1 {2}its slides take 20 minutes, and it promises 15/m,
  ],
]

for (const [name, path, from, to, said] of DRIFTS)
  test(`the check fails, naming file and line, when ${name}`, () => {
    const file = join(copy, path)
    const before = readFileSync(file, 'utf8')
    assert.ok(before.includes(from), `${path} has no "${from}"`)
    writeFileSync(file, before.replace(from, to))
    try {
      const { status, output } = check(copy, isRoot ? 65534 : undefined)
      assert.match(output, said)
      assert.equal(status, 1)
    } finally {
      writeFileSync(file, before)
    }
  })

test('the check fails when too many fences are labelled "not run"', () => {
  const file = join(copy, LESSON)
  const before = readFileSync(file, 'utf8')
  appendFileSync(file, '\n```sh\n# not run: because\nx\n```\n'.repeat(20))
  try {
    const { status, output } = check(copy, isRoot ? 65534 : undefined)
    assert.match(output, /^lessons:1 {2}[\d.]+ % of all fences are labelled "not run"/m)
    assert.equal(status, 1)
  } finally {
    writeFileSync(file, before)
  }
})

test(
  'the check fails when a console prints something else',
  { skip: !isRoot && 'consoles are replayed by root' },
  () => {
    const file = join(copy, LESSON)
    const before = readFileSync(file, 'utf8')
    assert.ok(before.includes('\nNAME="Boxwright base"\n'))
    writeFileSync(file, before.replace('\nNAME="Boxwright base"\n', '\nNAME="Debian"\n'))
    rmSync(join(copy, 'lessons/agreed.json'), { force: true })
    try {
      const { status, output } = check(copy, undefined)
      assert.match(
        output,
        /^lessons\/01-chroot\/lesson\.md:\d+ {2}"boxwright stage 1 .*" prints something else:\n {6}NAME="Boxwright base"/m,
      )
      assert.equal(status, 1)
    } finally {
      writeFileSync(file, before)
    }
  },
)
