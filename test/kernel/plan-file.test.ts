/** A box with no Node at all: a config.json is compiled, and launch plays the file. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { removeCgroup } from '../../src/kernel/cgroup-remove.ts'
import { readMountInfo } from '../../src/kernel/mountinfo.ts'
import { skipWithoutRoot, World } from './world.ts'

const LAUNCH = join(import.meta.dirname, '../../dist/launch')
const skip = skipWithoutRoot || (!fs.existsSync(LAUNCH) && 'the native launcher is not built: npm run prepare says why')

interface Bundle {
  config: string
  write: (...args: string[]) => void
  remove: () => void
}

/** A bundle of the world's own, and its cgroups. */
function bundleIn(world: World): Bundle {
  const directory = world.newPlace()
  const config = join(directory, 'config.json')
  const write = (...args: string[]): void =>
    fs.writeFileSync(
      config,
      JSON.stringify({
        ociVersion: '1.0.2',
        root: { path: world.base() },
        hostname: 'compiled',
        process: {
          args,
          env: ['PATH=/usr/bin:/bin'],
          cwd: '/',
          noNewPrivileges: true,
          scheduler: { policy: 'SCHED_OTHER' },
        },
        mounts: [
          { destination: '/proc', type: 'proc', source: 'proc' },
          { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
          { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] },
        ],
        linux: { namespaces: ['pid', 'mount', 'uts', 'ipc', 'network'].map((type) => ({ type })) },
      }),
    )
  const remove = (): void => {
    for (const { type, mountPoint } of readMountInfo())
      if (type.startsWith('cgroup')) removeCgroup(`${mountPoint}/boxwright-${directory.split('/').at(-1) ?? ''}`)
  }
  return { config, write, remove }
}

for (const stage of ['5', '6'])
  test(
    `a compiled plan of stage ${stage} makes a box, again and again, when launch plays it alone`,
    { skip },
    async (t) => {
      await using world = new World()
      const before = world.inventory()
      const { config, write, remove } = bundleIn(world)
      t.after(remove)
      write('sh', '-c', 'hostname; echo $$; ls /proc | grep -c "^[0-9]*$" >&2; exit 7')
      const { status, bytes, stderr } = await world.run(['plan', 'compile', config, '--stage', stage])
      assert.equal(status, 0, stderr)
      assert.match(stderr, /has no wall for these, and leaves them out:\n(?:.*\n)* {2}process\.scheduler\n/)
      assert.equal(/namespaces that the spec does not ask for: user$/m.test(stderr), stage === '6', stderr)
      const file = join(world.newPlace(), 'box.plan')
      fs.writeFileSync(file, bytes)
      for (const again of [1, 2]) {
        const ran = spawnSync(LAUNCH, [file], { encoding: 'utf8', env: {} })
        assert.deepEqual([ran.status, ran.stdout], [7, 'compiled\n1\n'], `${again}: ${ran.stderr}`)
      }
      remove()
      assert.deepEqual(world.left(before), [])
    },
  )

test('a plan is the same from a file and from standard input, and shows the steps that it has', { skip }, async (t) => {
  await using world = new World()
  const { config, write, remove } = bundleIn(world)
  t.after(remove)
  write('true')
  const options = { stdin: fs.readFileSync(config), cwd: join(config, '..') }
  const file = await world.run(['plan', 'compile', config, '--stage', '5'])
  const input = await world.run(['plan', 'compile', '-', '--stage', '5'], options)
  assert.deepEqual(input.bytes, file.bytes)
  const [table, json] = [
    await world.run(['plan', 'show', '-'], { stdin: file.bytes }),
    await world.run(['plan', 'show', '-', '--json'], { stdin: file.bytes }),
  ]
  const texts = (JSON.parse(json.stdout) as { lane: string; text: string }[]).map(({ lane, text }) => `${lane} ${text}`)
  assert.ok(texts.includes('box sethostname(compiled)'))
  assert.match(table.stdout, /^ # {2}lane {2}call\n 1 {2}host {2}/)
  assert.match(table.stdout, /execvpe\(true, true, 1 variables\)\n$/)
  assert.deepEqual(
    table.stdout.split('\n').filter((line) => line.length > 80 || line.includes('–')),
    [],
  )
})

const WRONG: [what: string, words: string[], stdin: string, said: RegExp][] = [
  ['is no JSON', ['compile', '-'], '{', /^boxwright: Cannot compile "-": .*\n {2}It should be an OCI config\.json/],
  [
    'names no command',
    ['compile', '-'],
    '{"ociVersion":"1.0.0","root":{"path":"x"},"process":{"cwd":"/"}}',
    /Cannot compile "-": process\.args names no command\n/,
  ],
  ['is not there', ['compile', '/no/such.json'], '', /Cannot read "\/no\/such\.json": ENOENT.*\n {2}Name a file/],
  ['is no plan', ['show', '-'], 'BOXPLAN', /Cannot show "-": it does not begin as a plan\n {2}Make a plan with/],
  ['ends too early', ['show', '-'], 'BOXPLAN1\u0001', /Cannot show "-": it ends in the middle of a step\n/],
]

for (const [what, words, stdin, said] of WRONG)
  test(`boxwright plan ${words.join(' ')} says in two lines what is wrong when what it reads ${what}`, async () => {
    await using world = new World()
    const { status, stdout, stderr } = await world.run(['plan', ...words], { stdin })
    assert.match(stderr, said)
    assert.deepEqual([status, stdout, stderr.trim().split('\n').length], [125, '', 2])
  })
