/** What containerd's own suite asks of a snapshotter, and more, asked of each of ours: the rules, and what a file system of layers looks like. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SnapshotError, type SnapshotFault } from '../../src/snapshot/snapshotter.ts'
import { probedDrivers, SnapshotWorld } from './snapshot-world.ts'

type Case = (world: SnapshotWorld) => Promise<void>

function refused(fault: SnapshotFault, act: () => unknown): void {
  assert.throws(act, (error: unknown) => error instanceof SnapshotError && error.fault === fault)
}

const CASES: Record<string, Case> = {
  'a committed snapshot is there for those that stand on it': async (world) => {
    const first = await world.layer('first', undefined, 'mkdir a; echo 1 > a/f; echo x > gone')
    const second = await world.layer('second', first, 'echo 2 > a/f; echo 3 > a/g; rm gone')
    await world.holds(world.store.view('look', second), '[ $(cat a/f) = 2 ]; [ $(cat a/g) = 3 ]; [ ! -e gone ]')
    await world.holds(world.store.view('look-1', first), '[ $(cat a/f) = 1 ]; [ -e gone ]; [ ! -e a/g ]')
  },

  'two that stand on one do not see each other': async (world) => {
    const base = await world.layer('base', undefined, 'echo base > f')
    await world.holds(world.store.prepare('one', base), 'echo one > f; touch only')
    await world.holds(world.store.prepare('two', base), '[ $(cat f) = base ]; [ ! -e only ]')
    await world.holds(world.store.mounts('one'), '[ $(cat f) = one ]')
  },

  'a view cannot be changed': async (world) => {
    const base = await world.layer('base', undefined, 'echo base > f')
    const more = await world.layer('more', base, 'echo more > g')
    for (const parent of [undefined, base, more])
      assert.notEqual(await world.at(world.store.view(`of-${parent}`, parent), 'touch new'), 0, String(parent))
  },

  'what is known of a snapshot is told': (world) => {
    world.store.prepare('active', undefined, { colour: 'red' })
    const active = world.store.stat('active')
    assert.deepEqual(
      [active.kind, active.name, active.parent, active.labels],
      ['active', 'active', undefined, { colour: 'red' }],
    )
    world.store.commit('done', 'active', { shape: 'round' })
    const done = world.store.stat('done')
    assert.deepEqual([done.kind, done.parent, done.labels], ['committed', undefined, { shape: 'round' }])
    assert.equal(done.created, active.created)
    world.store.view('look', 'done')
    assert.deepEqual([world.store.stat('look').kind, world.store.stat('look').parent], ['view', 'done'])
    return Promise.resolve()
  },

  'names are taken once, and parents are committed': (world) => {
    const { store } = world
    store.prepare('a')
    refused('already-exists', () => store.prepare('a'))
    refused('already-exists', () => store.view('a'))
    refused('failed-precondition', () => store.prepare('b', 'a'))
    refused('not-found', () => store.prepare('b', 'nobody'))
    refused('not-found', () => store.commit('c', 'nobody'))
    store.prepare('d')
    store.commit('c', 'a')
    refused('already-exists', () => store.commit('c', 'd'))
    refused('failed-precondition', () => store.commit('e', 'c'))
    store.view('look', 'c')
    refused('failed-precondition', () => store.commit('e', 'look'))
    refused('failed-precondition', () => store.mounts('c'))
    refused('not-found', () => store.stat('a'))
    assert.equal(world.directories().length, 3)
    return Promise.resolve()
  },

  'a parent with children stays': (world) => {
    const { store } = world
    store.prepare('a')
    store.commit('base', 'a')
    store.prepare('child', 'base')
    refused('failed-precondition', () => store.remove('base'))
    store.remove('child')
    store.remove('base')
    refused('not-found', () => store.remove('base'))
    assert.deepEqual(world.directories(), [])
    return Promise.resolve()
  },

  'labels are changed, and an empty one goes': (world) => {
    const { store } = world
    store.prepare('a', undefined, { one: '1', two: '2' })
    store.update('a', { two: '', three: '3' })
    assert.deepEqual(store.stat('a').labels, { one: '1', three: '3' })
    refused('not-found', () => store.update('nobody', {}))
    return Promise.resolve()
  },

  'what is there is walked through': (world) => {
    const { store } = world
    store.prepare('a')
    store.commit('base', 'a')
    for (const name of ['b', 'c']) store.prepare(name, 'base')
    assert.deepEqual(
      [...store.walk()].map(({ name, parent }) => [name, parent]),
      [
        ['b', 'base'],
        ['base', undefined],
        ['c', 'base'],
      ],
    )
    return Promise.resolve()
  },

  'use is counted': async (world) => {
    const { store } = world
    await world.holds(store.prepare('a'), 'dd if=/dev/urandom of=f bs=1k count=300 2>/dev/null; ln f g; mkdir d')
    const { size, inodes } = store.usage('a')
    assert.ok(size >= 300 << 10 && size < 400 << 10, `${size} bytes`)
    assert.equal(inodes, 3)
    store.commit('done', 'a')
    assert.ok(store.usage('done').size >= 300 << 10)
    refused('not-found', () => store.usage('nobody'))
  },

  'a directory is gone, and another of its name is empty': async (world) => {
    const base = await world.layer('base', undefined, 'mkdir -p d/e; touch d/f d/e/g')
    const without = await world.layer('without', base, 'rm -r d')
    const again = await world.layer('again', without, 'mkdir d; touch d/new')
    const at_once = await world.layer('at-once', base, 'rm -r d; mkdir d; touch d/new')
    for (const name of [again, at_once])
      await world.holds(world.store.view(`look-${name}`, name), '[ "$(ls d)" = new ]')
  },

  'a file of a lower layer is moved, and so is a directory': async (world) => {
    const base = await world.layer('base', undefined, 'mkdir -p d/e; echo x > d/e/f; echo y > g')
    const moved = await world.layer('moved', base, 'mv d/e/f h; mv g d/g; mv d k')
    await world.holds(world.store.view('look', moved), '[ $(cat h) = x ]; [ $(cat k/g) = y ]; [ ! -e d ]; [ ! -e g ]')
  },

  'owners, modes, links and times are kept': async (world) => {
    const made = `echo x > f; chown 1000:2000 f; chmod 4711 f; ln f hard; ln -s f soft; mkfifo p; mknod n c 1 3
      touch -d "2001-02-03 04:05:06.789012345 UTC" f; chmod 1777 .; chown 7:8 .; setfattr -n user.a -v b f 2>/dev/null || :`
    const base = await world.layer('base', undefined, made)
    const looked = `[ "$(stat -c "%u %g %a %h %Y" f)" = "1000 2000 4711 2 981173106" ]; [ -p p ]; [ -c n ]
      [ $(stat -c %i f) = $(stat -c %i hard) ]; [ $(readlink soft) = f ]
      case $(stat -c %y f) in *.789012345*) ;; *) exit 9;; esac; [ "$(stat -c "%u %g %a" .)" = "7 8 1777" ]`
    await world.holds(world.store.view('look', base), looked)
    const above = await world.layer('above', base, `${looked}\nchown 9 hard`)
    await world.holds(
      world.store.view('look-above', above),
      '[ $(stat -c %u hard) = 9 ]; [ "$(stat -c "%u %a" .)" = "7 1777" ]',
    )
  },

  'a change of mode alone is a change': async (world) => {
    const base = await world.layer('base', undefined, 'mkdir d; chmod 700 d; echo x > d/f; chmod 600 d/f')
    const open = await world.layer('open', base, 'chmod 755 d; chmod 644 d/f')
    await world.holds(
      world.store.view('look', open),
      '[ $(stat -c %a d) = 755 ]; [ $(stat -c %a d/f) = 644 ]; [ $(cat d/f) = x ]',
    )
    await world.holds(world.store.view('look-base', base), '[ $(stat -c %a d) = 700 ]')
  },

  'what nobody owns is taken away': (world) => {
    const { store } = world
    store.prepare('a')
    assert.throws(() =>
      world.metadata.change(() => {
        store.prepare('lost')
        throw new Error('somebody was killed')
      }),
    )
    const [record = ''] = fs.readdirSync(world.drafts)
    fs.writeFileSync(join(world.drafts, `${record}.1234567`), '{"half a record')
    assert.equal(world.directories().length, 2)
    store.cleanup()
    assert.deepEqual([world.directories(), fs.readdirSync(world.drafts)], [['1'], [record]])
    assert.equal(store.stat('a').kind, 'active')
    store.prepare('b')
    assert.equal(world.directories().length, 2)
    return Promise.resolve()
  },
}

for (const { driver, skip } of await probedDrivers())
  for (const [name, act] of Object.entries(CASES))
    test(`${driver.name}: ${name}`, { skip }, async () => {
      using world = new SnapshotWorld(driver)
      await act(world)
    })

for (const { driver, skip } of await probedDrivers())
  test(`${driver.name}: a hundred and twenty-eight layers are one root`, { skip }, async () => {
    using world = new SnapshotWorld(driver)
    let parent: string | undefined
    for (let n = 0; n < 128; n += 1) {
      world.store.prepare('active', parent)
      parent = `a-layer-with-a-name-${n}`
      world.store.commit(parent, 'active')
    }
    const last = await world.layer('last', parent, 'echo here > f')
    await world.holds(world.store.prepare('box', last), '[ $(cat f) = here ]; echo more > g; [ $(cat g) = more ]')
  })
