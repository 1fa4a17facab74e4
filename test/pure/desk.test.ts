import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { begin, catchUp, fileOf, goTo, type Desk } from '../../src/workshop/desk/desk.ts'
import { compare } from '../../src/workshop/desk/compare.ts'
import { box, type Plan } from '../../src/plan/plan.ts'
import { loadWall } from '../../src/workshop/wall-file.ts'
import { seeded } from './random.ts'

const NAMES = ['01-chroot', '02-namespaces', '03-mounts', '04-cgroups']
const repository = fileURLToPath(new URL('../../', import.meta.url))

function openDesk(): Desk & Disposable {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-desk-'))
  return { repository, directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
}

const textsOn = ({ directory }: Desk): string[] =>
  readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'))

for (const name of NAMES) {
  test(`an exercise loads as a wall from the desk: ${name}`, async () => {
    using desk = openDesk()
    const { file, fresh } = begin(desk, name)
    assert.equal(fresh, true)
    assert.equal((await loadWall(file)).lesson, Number(name.slice(0, 2)))
  })

  test(`a solution is the reference itself: ${name}`, async () => {
    using desk = openDesk()
    const begun = await loadWall(begin(desk, name).file)
    const { aside } = catchUp(desk, name)
    assert.ok(aside?.endsWith(`${name}.mine-1.ts`))
    assert.equal((await loadWall(fileOf(desk, name))).name, begun.name)
  })
}

test('an exercise that was begun is left alone when it is begun again', () => {
  using desk = openDesk()
  begin(desk, '03-mounts')
  writeFileSync(fileOf(desk, '03-mounts'), 'mine')
  assert.equal(begin(desk, '03-mounts').fresh, false)
  assert.deepEqual(textsOn(desk), ['mine'])
})

test('going to a lesson solves the ones before it that were not begun, and no other', () => {
  using desk = openDesk()
  begin(desk, '02-namespaces')
  writeFileSync(fileOf(desk, '02-namespaces'), 'mine')
  const placed = goTo(desk, NAMES, '04-cgroups')
  assert.deepEqual(
    placed.map(({ file, fresh }) => [file.slice(desk.directory.length + 1), fresh]),
    [
      ['01-chroot.ts', true],
      ['03-mounts.ts', true],
      ['04-cgroups.ts', true],
    ],
  )
  assert.equal(readFileSync(fileOf(desk, '02-namespaces'), 'utf8'), 'mine')
})

test('from any lesson to any other, nothing that was written is lost', (t) => {
  const { below, pick } = seeded(t)
  using desk = openDesk()
  const written: string[] = []
  for (let n = 0; n < 300; n += 1) {
    const name = pick(NAMES)
    const move = pick([begin, catchUp, () => goTo(desk, NAMES, name)])
    move(desk, name)
    if (below(2)) {
      // A learner's save replaces what the learner had there; that is their own to replace.
      const file = fileOf(desk, name)
      const before = readFileSync(file, 'utf8')
      if (!written.includes(before)) {
        writeFileSync(file, `// mine, ${n}\n`)
        written.push(`// mine, ${n}\n`)
      }
    }
    const there = textsOn(desk)
    assert.ok(written.every((text) => there.includes(text)))
  }
  assert.ok(written.length > 3)
})

const steps = (...drafts: ReturnType<typeof box>[]): Plan => drafts.map((draft) => ({ ...draft, lesson: 1 }))
const chroot = box('chroot', ['/r'], '')
const chdir = box('chdir', ['/'], '')

const COMPARED: [name: string, mine: Plan, kinds: string[]][] = [
  ['the same', steps(chroot, chdir), []],
  ['one missing', steps(chroot), ['missing']],
  ['one too many', steps(chroot, chdir, box('rmdir', ['/x'], '')), ['extra']],
  ['another order', steps(chdir, chroot), ['elsewhere']],
  ['another argument', steps(chroot, box('chdir', ['/tmp'], '')), ['other arguments']],
  ['the other lane', steps({ ...chroot, lane: 'host' }, chdir), ['other lane']],
  ['nothing at all', [], ['missing', 'missing']],
]

for (const [name, mine, kinds] of COMPARED)
  test(`my plan is told from the reference's: ${name}`, () => {
    assert.deepEqual(
      compare(mine, steps(chroot, chdir)).map(({ kind }) => kind),
      kinds,
    )
  })
