/** Whoever can write to a shared volume exchanges a directory in it for a link, while a container is made that has mounts there. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bind, hole, type Config, type Ground } from './cve-world.ts'
import type { Change } from './weakened.ts'

const program = join(fs.mkdtempSync(join(tmpdir(), 'boxwright-exchange-')), 'exchange')
process.once('exit', () => fs.rmSync(join(program, '..'), { recursive: true, force: true }))

const skip: string | false =
  spawnSync('cc', ['-o', program, join(import.meta.dirname, 'exchange.c')]).status === 0
    ? false
    : 'no C compiler to build what exchanges names'

// #region race
interface Race {
  script: string
  mounts: Config['mounts']
  won: () => boolean
}

/** In the volume, which is mounted at /shared, `place` is a directory at one moment and a link to `to` at the next. */
async function raced(ground: Ground, volume: string, to: string, { script, mounts, won }: Race): Promise<boolean> {
  fs.mkdirSync(join(volume, 'place'))
  fs.symlinkSync(to, join(volume, 'link'))
  const exchange = spawn(program, ['place', 'link'], { cwd: volume, stdio: 'ignore' })
  for (let n = 0; n < ground.tries && !won(); n += 1)
    ground.run(script, (config) => config.mounts.push(bind(volume, '/shared'), ...mounts))
  exchange.kill('SIGKILL')
  await once(exchange, 'exit')
  return won()
}
// #endregion race

hole({
  cve: 'CVE-2021-30465',
  what: 'a directory of a shared volume that is exchanged for a link while one is made in it',
  kept: 'a path is walked once, and what comes out is a descriptor that nobody can exchange',
  skip,
  slower: [
    ['native/files.c', 'int box_mkdir(const union arg *a)\n{', 'int box_mkdir(const union arg *a)\n{\n\tusleep(1000);'],
  ],
  defence: [
    [
      'native/files.c',
      'return parent < 0 ? -1 : with_fd(mkdirat(parent, name, a[1].number), parent);',
      'return with_fd(mkdir(a[0].text, a[1].number), parent);',
    ],
  ],
  attack: (ground) =>
    raced(ground, ground.world.newPlace(), ground.outside, {
      script: 'true',
      mounts: [{ destination: '/shared/place/made/here', type: 'tmpfs', source: 'none', options: [] }],
      won: () => !ground.untouched,
    }),
})

/** First it is mounted, as anybody may write to it; then, by its name once more, it becomes read-only, as is whatever has that name by then. */
const IN_TWO_STEPS: Change[] = [
  ['src/box/container/mounts.ts', '      ...attributed(slot, words.own),\n', ''],
  [
    'src/box/container/mounts.ts',
    '        : [moved(slot, wanted.path)]),\n',
    '        : [moved(slot, wanted.path)]),\n      ...changed(wanted, slot + 8, words.own),\n',
  ],
]

hole({
  cve: 'GHSA-3q8j-pf29-vwv8',
  what: 'a place that is exchanged between the mount of a directory of the host’s and its becoming read-only',
  kept: 'a mount has all that it is to be and not to be before it is anywhere: mount_setattr(2), then move_mount(2)',
  skip,
  slower: [
    [
      'native/mounts.c',
      'int box_open_tree(const union arg *a)\n{',
      'int box_open_tree(const union arg *a)\n{\n\tusleep(1000);',
    ],
  ],
  defence: IN_TWO_STEPS,
  attack(ground) {
    const volume = ground.world.newPlace()
    for (const directory of ['elsewhere', 'elsewhere/data', 'other']) fs.mkdirSync(join(volume, directory))
    return raced(ground, volume, 'elsewhere', {
      script: 'n=0; while [ $n -lt 50 ]; do n=$((n+1)); echo theirs >/shared/place/data/token; done 2>/dev/null',
      mounts: [
        { destination: '/shared/elsewhere/data', type: 'tmpfs', source: 'none', options: [] },
        { ...bind(ground.outside, '/shared/place/data'), options: ['bind', 'ro'] },
      ],
      won: () => !ground.untouched,
    })
  },
})
