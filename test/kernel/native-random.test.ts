/**
 * Plans that make no sense, played by the launcher itself: by somebody without rights, in namespaces that go with it. Whatever it says, it says it;
 * it does not crash, and it has played nothing of what it refuses.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CallName } from '../../src/plan/calls.ts'
import { encode, TAKES } from '../../src/plan/encode.ts'
import { randomPlan, type Words } from '../fuzz/random-plan.ts'
import { seeded } from '../pure/random.ts'
import { LAUNCH, skipWithoutLauncher } from './native-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutLauncher }

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all']
const THROWN_AWAY = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--kill-child']

const IN_HOST: readonly CallName[] = [
  'unshare',
  'setns',
  'clone_into_cgroup',
  'open_tree',
  'mount_setattr',
  'mkdir',
  'rmdir',
  'write',
  'netlink',
  'run',
]
const ALL = Object.keys(TAKES) as CallName[]

test(
  'the launcher ends by itself, and has played nothing that it refuses, when a plan is drawn by lot',
  options,
  async (t) => {
    await using world = new World()
    const random = seeded(t)
    const [program, file, token] = ['launch', 'plan', 'token'].map((name) => join(world.directory, name)) as [
      string,
      string,
      string,
    ]
    fs.copyFileSync(LAUNCH, program)
    fs.writeFileSync(token, '')
    fs.chmodSync(token, 0o666)
    const texts = [
      '',
      '/',
      '.',
      'tmpfs',
      'proc',
      '{box}',
      '/proc/{box}/uid_map',
      '/proc/self/ns/uts',
      '/dev/null',
      '/proc/sys/net/x',
      token,
    ]
    const sensible: Words = {
      texts,
      host: IN_HOST,
      box: ALL.filter((call) => !IN_HOST.includes(call) || TAKES[call] === 'ss'),
    }
    const counted = { refused: 0, failed: 0, played: 0 }
    for (let n = 0; n < 300; n += 1) {
      const words = n % 3 === 0 ? { ...sensible, host: ALL, box: ALL } : sensible
      fs.writeFileSync(token, '')
      fs.writeFileSync(file, encode(randomPlan(random, words, ['sh', '-c', 'echo played'])))
      const all = [...THROWN_AWAY, '--', ...NOBODY, program, file]
      const { status, signal, stdout, stderr } = spawnSync('unshare', all, {
        encoding: 'utf8',
        cwd: '/',
        timeout: 60_000,
      })
      const told = `${fs.readFileSync(file).toString('hex')}\n${stdout}${stderr}`
      assert.equal(signal, null, told)
      const refused = /cannot play this plan/.test(stderr)
      if (refused) assert.deepEqual([status, stdout, fs.readFileSync(token, 'utf8')], [125, '', ''], told)
      counted[refused ? 'refused' : stdout === '' ? 'failed' : 'played'] += 1
    }
    t.diagnostic(JSON.stringify(counted))
  },
)
