/** A terminal is made in a /dev that somebody else may have filled. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { bind, hole, without, type Config, type Ground } from './cve-world.ts'
import { Console, withoutConsole } from './console.ts'

const devpts = (destination: string): Config['mounts'][number] => ({
  destination,
  type: 'devpts',
  source: 'devpts',
  options: ['newinstance', 'ptmxmode=0666'],
})

/** @param fill puts into /dev what its owner wants. @returns what the command says at its terminal. */
async function saidIn(ground: Ground, script: string, pts: string, fill: (dev: string) => void): Promise<string> {
  const dev = ground.world.newPlace()
  fs.mkdirSync(join(dev, 'pts'))
  fill(dev)
  fs.writeFileSync(join(ground.rootfs, 'etc/token'), 'token')
  await using console = await Console.listen(join(ground.world.newPlace(), 's'))
  const bundle = ground.config(script, (config) => {
    without(config, '/dev', '/dev/pts')
    config.mounts.push(bind(dev, '/dev'), devpts(pts))
    config.process['terminal'] = true
  })
  const { status } = ground.make('run', '--detach', '--console-socket', console.socket, '--bundle', bundle)
  return status === 0 ? await console.end() : ''
}

hole({
  cve: 'CVE-2025-52565',
  what: 'a /dev/console that is a link to another file, when the terminal is mounted there,',
  kept: 'the place is opened with O_NOFOLLOW, and a link is refused',
  skip: withoutConsole,
  defence: [['native/mounts.c', 'resolve(a[1].text, O_PATH | O_NOFOLLOW)', 'resolve(a[1].text, O_PATH)']],
  attack: async (ground) => {
    const said = await saidIn(ground, 'test -c /etc/token && echo covered', '/dev/pts', (dev) =>
      fs.symlinkSync('/etc/token', join(dev, 'console')),
    )
    return said.includes('covered')
  },
})

hole({
  cve: 'CVE-2025-52565',
  what: 'a /dev/pts/0 that is a link to another file, when the terminal is to become /dev/console,',
  kept: 'the terminal is opened by no name: as the other end of its master, TIOCGPTPEER, and mounted by that descriptor',
  skip: withoutConsole,
  defence: [
    [
      'native/mounts.c',
      'const int from = slot(a[0].number), target',
      'const int from = resolve("/dev/pts/0", O_PATH), target',
    ],
  ],
  attack: async (ground) => {
    const said = await saidIn(ground, 'test -c /dev/console || cat /dev/console', '/dev/true', (dev) => {
      fs.symlinkSync('../true/ptmx', join(dev, 'pts/ptmx'))
      fs.symlinkSync('/etc/token', join(dev, 'pts/0'))
    })
    return said.includes('token')
  },
})
