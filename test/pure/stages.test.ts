/** The curriculum, read from the sources: a stage is made of what has been taught by then. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { ownUsers } from '../../lessons/06-users/stage.ts'
import { ownNetwork } from '../../lessons/07-network/stage.ts'
import { security } from '../../lessons/08-security/stage.ts'
import { allWalls } from '../../src/box/all-walls.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { plan } from '../../src/plan/plan.ts'
import { boxesOf, wallBuildersOf } from '../../src/workshop/stage.ts'
import { boxNumbered, stageNumbered } from '../../src/workshop/stages.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'
import { stages } from './workshop.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const STAGES = [chroot, namespaces, mounts, cgroups, threads, ownUsers, ownNetwork, security]
const spec = defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'] })

/** The project's own files that a file imports, types included; relative to the repository. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(REPOSITORY, file), 'utf8'))
  const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
  return own.map((name) => relative(REPOSITORY, resolve(REPOSITORY, dirname(file), name)))
}

function reachable(from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen
  seen.add(from)
  for (const file of importsOf(from)) reachable(file, seen)
  return seen
}

/** A wall's file says `lesson: N`; a file beside the walls says "Lesson N." at its head. */
function lessonOf(file: string): number | undefined {
  const text = readFileSync(join(REPOSITORY, file), 'utf8')
  const [, number] = /^ {2}lesson: (\d+),$/m.exec(text) ?? /^\/?\*?\*? \*? ?Lesson (\d+)\./m.exec(text) ?? []
  return number === undefined ? undefined : Number(number)
}

const directories = readdirSync(join(REPOSITORY, 'lessons')).filter((name) => /^\d\d-/.test(name))
const boxFiles = readdirSync(join(REPOSITORY, 'src/box'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/box/${name}`)

for (const name of directories) {
  const file = `lessons/${name}/stage.ts`
  test(`${file} imports, directly and in the end, no wall of a later lesson`, () => {
    const all = [...reachable(file)]
    assert.ok(all.length > 20, all.join('\n'))
    const later = all.filter((one) => boxFiles.includes(one) && (lessonOf(one) ?? 0) > Number(name.slice(0, 2)))
    assert.deepEqual(later, [])
  })
}

test('every file in src/box belongs to a lesson, by what it says or by who imports it', () => {
  const users = (file: string): string[] => boxFiles.filter((other) => importsOf(other).includes(file))
  const taught = (file: string): boolean => lessonOf(file) !== undefined || users(file).some(taught)
  assert.deepEqual(
    boxFiles.filter((file) => !taught(file)),
    [],
  )
})

test('every stage has the lesson of its directory, and walls of that lesson and of earlier ones', () => {
  assert.deepEqual(
    STAGES.map(({ lesson, name }) => `0${lesson}-${name}`),
    directories.filter((name) => Number(name.slice(0, 2)) <= STAGES.length), // the others take bundles
  )
  for (const { lesson, walls } of STAGES) {
    assert.ok(walls.some((wall) => wall.lesson === lesson))
    assert.ok(walls.every((wall) => wall.lesson <= lesson))
  }
})

test('every stage has its walls in the order in which they are built, and the command last', () => {
  const built = STAGES.map(({ walls }) => walls.map(({ name }) => name).join(' '))
  assert.deepEqual(built, [
    'root command',
    'namespaces root command',
    'namespaces mounts devices command',
    'cgroups namespaces mounts devices cgroup-view command',
    'cgroups namespaces mounts devices cgroup-view nobody command',
    'cgroup-birth users namespaces mapped-mounts devices cgroup-view user command',
    'cgroup-birth users namespaces network mapped-mounts devices cgroup-view names user command',
    'cgroup-birth device-access users namespaces network mapped-mounts devices cgroup-view ' +
      'names sysctls paths rlimits keyring labels rights command',
  ])
})

test('every step of every stage says why, in one line that fits, when machines are of every kind', () => {
  for (const { walls } of STAGES)
    for (const machine of Object.values(machines))
      for (const { why, lesson } of plan(spec, walls, machine)) {
        assert.match(why, /^\S.*[^\s.]$/)
        assert.ok(why.length <= 60, why)
        assert.ok(lesson >= 1 && lesson <= 8)
      }
})

test('every stage asks for its namespaces after it has walked into its cgroup, and pivots before it mounts', () => {
  const steps = told(plan(spec, cgroups.walls, machines.v1))
  const at = (beginning: string): number => steps.findIndex((step) => step.startsWith(beginning))
  const order = ['host unshare', 'box write(/cg', 'box unshare', 'box pivot_root', 'box mount(proc', 'box mknod']
  const places = [...order, 'box mount(cgroup', 'box execvpe'].map(at)
  assert.ok(places.every((place) => place >= 0))
  assert.deepEqual(
    places.toSorted((one, other) => one - other),
    places,
  )
})

test('stageNumbered finds a stage by its number or name, and says which there are when there is none', () => {
  for (const stage of STAGES)
    for (const name of [stage.lesson, String(stage.lesson), stage.name])
      assert.equal(stageNumbered(STAGES, name), stage)
  for (const name of ['0', '9', '01', '', undefined, 'constructor'])
    assert.throws(() => stageNumbered(STAGES, name), {
      name: 'Complaint',
      message:
        `Cannot find stage "${name ?? ''}": there is none of that number\n` +
        '  There are: 1 (chroot), 2 (namespaces), 3 (mounts), 4 (cgroups), 5 (threads), 6 (users), 7 (network), 8 (security)',
    })
})

test('a stage whose boxes stand on something else says so when a root file system is to be given to it', () => {
  assert.equal(boxNumbered(stages, 'registry').lesson, 10)
  assert.throws(() => boxNumbered(stages, 11), /stage 11 for this: its boxes stand on snapshots[^]*: 1, 2, .*, 9, 10$/)
  assert.throws(() => boxNumbered(stages, 13), /stage 13 for this: its containers are bundles/)
  assert.throws(() => boxNumbered(stages, 99), /there is none of that number/)
})

test('stages that put up the same walls have them from one list, and each of the others has a wall of its own', () => {
  const builders = wallBuildersOf(stages).map(({ lesson }) => lesson)
  assert.deepEqual(builders, [1, 2, 3, 4, 5, 6, 7, 8])
  for (const { lesson, walls } of boxesOf(stages)) assert.equal(walls === allWalls, lesson >= 8)
})
