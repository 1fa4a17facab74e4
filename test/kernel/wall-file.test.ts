/** Walls from files: what is wrong with one is said with its line, and what would change the machine is not played. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Court, repository } from './court.ts'
import { skipWithoutRoot } from './world.ts'

const options = { skip: skipWithoutRoot }

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

/** A wall file of the test's own. */
function wallFile(steps: string, head = ''): string {
  const file = join(court.newPlace(), 'wall.ts')
  const imports = `import { box, host, type Wall } from '${repository}src/plan/plan.ts'`
  const wall = `export const root: Wall = { name: 'root', lesson: 1, steps: (spec) => [${steps}] }`
  fs.writeFileSync(file, [imports, head, 'void host', wall, ''].join('\n'))
  return file
}

const REFUSED: [what: string, steps: string, head: string, message: RegExp][] = [
  [
    'has a syntax error',
    "box('chroot', [spec.root.path)",
    '',
    /Cannot load the wall ".*": Expected .*\n.*wall\.ts:4: /,
  ],
  [
    'exports two walls',
    '',
    "export const other: Wall = { name: 'other', lesson: 1, steps: () => [] }",
    /it exports several/,
  ],
  [
    'throws when it is loaded',
    '',
    "throw new Error('too early')",
    /Cannot load the wall ".*": too early\n.*wall\.ts:2$/m,
  ],
  [
    'throws in steps',
    '...(spec as any).nothing.at(0)',
    '',
    /Cannot make the steps of the wall "root": .*\n.*wall\.ts:4$/m,
  ],
  [
    'makes calls itself',
    '',
    `import { calls } from '${repository}src/kernel/libc.ts'; calls.chdir('/')`,
    /makes no system calls/,
  ],
  [
    'has an unknown call',
    "box('chrooot' as never, ['/'] as never, '')",
    '',
    /Cannot play chrooot: there is no call of that name/,
  ],
  ['has a hole among its steps', 'undefined as never', '', /number 1 is no step of the lane host or box/],
]

for (const [what, steps, head, message] of REFUSED)
  test(`a wall is refused and nothing is played when it ${what}`, options, async () => {
    const inventory = court.inventory()
    const { status, stderr } = await court.boxwright('stage', '1', 'run', '--wall', wallFile(steps, head), 'true')
    assert.equal(status, 125)
    assert.match(stderr, message)
    assert.deepEqual(court.left(inventory), [])
  })

test('a wall is refused when it is of no name that the stage has', options, async () => {
  const file = wallFile('')
  const { stderr } = await court.boxwright('stage', '3', 'run', '--wall', file, 'true')
  assert.match(stderr, /Cannot put the wall "root" into stage 3: it has none of that name/)
})

test('a box of a wall that leaks mounts leaves none on the host when it runs', options, async () => {
  const inventory = court.inventory()
  const file = join(repository, 'lessons/03-mounts/wrong/shared-mounts.ts')
  const { stdout } = await court.boxwright('stage', '3', 'run', '--wall', file, 'cat', '/proc/self/mountinfo')
  assert.match(stdout, / \/proc .* shared:/)
  assert.deepEqual(court.left(inventory), [])
})
