/** Links and pretended devices in an image: what others' runtimes have mounted, made or written in the wrong place. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { bind, hole, without, type Ground } from './cve-world.ts'
import type { Change } from './weakened.ts'

/** By name: whoever has put a link there decides. */
const MKDIR_BY_NAME: Change = [
  'native/files.c',
  'return parent < 0 ? -1 : with_fd(mkdirat(parent, name, a[1].number), parent);',
  'return with_fd(mkdir(a[0].text, a[1].number), parent);',
]

const MKNOD_BY_NAME: Change = [
  'native/files.c',
  '\tif (parent < 0)\n\t\treturn -1;\n\tconst int result = mknodat(parent, name, mode, a[2].number);',
  '\tconst int result = mknod(a[0].text, mode, a[2].number);',
]

hole({
  cve: 'CVE-2024-45310',
  what: 'a directory made by way of a link in the image, as a place to mount on',
  kept: 'its parent is walked to below the root, openat2(2) with RESOLVE_IN_ROOT, and the directory is made in that descriptor',
  defence: [MKDIR_BY_NAME],
  attack(ground) {
    fs.symlinkSync(ground.outside, join(ground.rootfs, 'link'))
    ground.run('true', ({ mounts }) =>
      mounts.push({ destination: '/link/made', type: 'tmpfs', source: 'none', options: [] }),
    )
    return !ground.untouched
  },
})

hole({
  cve: 'CVE-2024-45310, CVE-2025-24965',
  what: 'a file made by way of a link in the image, as a place to mount on',
  kept: 'the same for files: mknodat(2) in the parent’s descriptor',
  defence: [MKNOD_BY_NAME],
  attack(ground) {
    fs.symlinkSync(ground.outside, join(ground.rootfs, 'link'))
    ground.run('true', ({ mounts }) => mounts.push(bind('/proc/version', '/link/made')))
    return !ground.untouched
  },
})

hole({
  cve: 'CVE-2026-41579, CVE-2026-47766',
  what: 'a /dev in the image that leads to the host, when devices are made in it',
  kept: 'the same for devices',
  defence: [MKNOD_BY_NAME],
  attack(ground) {
    fs.rmSync(join(ground.rootfs, 'dev'), { recursive: true })
    fs.symlinkSync(ground.outside, join(ground.rootfs, 'dev'))
    ground.run('true', (config) => without(config, '/dev', '/dev/pts'))
    return !ground.untouched
  },
})

const PLACE_BY_LINK: Change = [
  'native/places.c',
  'if (names_proc(path) || is_kernels(type))\n\t\treturn resolve_by(RESOLVE_NO_SYMLINKS, path, O_PATH);',
  'if (1)\n\t\treturn resolve(path, O_PATH);',
]

for (const [cve, name, to] of [
  ['CVE-2019-19921', 'proc', '/elsewhere'],
  ['CVE-2023-27561', 'proc', 'volume/elsewhere'],
  ['CVE-2023-28642', 'sys', '/elsewhere'],
] as const)
  hole({
    cve,
    what: `a /${name} in the image that is a link to ${to}, when the kernel’s is mounted there`,
    kept: 'what shows the kernel is mounted where it was asked for, and by no link: RESOLVE_NO_SYMLINKS',
    defence: [PLACE_BY_LINK],
    attack(ground) {
      const volume = ground.world.newPlace()
      for (const directory of [
        join(ground.rootfs, 'elsewhere'),
        join(ground.rootfs, 'volume'),
        join(volume, 'elsewhere'),
      ])
        fs.mkdirSync(directory)
      fs.rmSync(join(ground.rootfs, name), { recursive: true })
      fs.symlinkSync(to, join(ground.rootfs, name))
      const { text } = ground.run(`[ -e ${to}/self ] || [ -e ${to}/kernel ] && echo shown elsewhere`, (config) => {
        const kernels = name === 'sys' ? [{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: [] }] : []
        config.mounts = [bind(volume, '/volume'), ...config.mounts, ...kernels]
      })
      return text.includes('shown elsewhere')
    },
  })

hole({
  cve: 'CVE-2019-16884',
  what: 'a directory that is bound over /proc, and takes what is written to the kernel',
  kept: 'only a proc is mounted on /proc, and what is written there is written to a proc, entered at its root',
  defence: [
    ['native/places.c', 'if (strcmp(path, "proc") != 0 || is_proc(what))', 'if (1 || is_proc(what))'],
    ['native/files.c', 'if (fs.f_type == PROC_SUPER_MAGIC && root.st_ino == PROC_ROOT_INODE)', 'if (1)'],
  ],
  attack(ground) {
    const pretended = ground.world.newPlace()
    fs.mkdirSync(join(pretended, 'sys/kernel'), { recursive: true })
    fs.writeFileSync(join(pretended, 'sys/kernel/domainname'), '')
    ground.run('true', (config) => {
      without(config, '/proc')
      config.mounts.unshift(bind(pretended, '/proc'))
      config.linux['sysctl'] = { 'kernel.domainname': 'written' }
    })
    return fs.readFileSync(join(pretended, 'sys/kernel/domainname'), 'utf8') === 'written'
  },
})

/** /dev is a directory that somebody else can write to. */
function hostileDev({ world }: Ground, links: Record<string, string>): string {
  const dev = world.newPlace()
  fs.mkdirSync(join(dev, 'pts'))
  for (const [name, to] of Object.entries(links)) fs.symlinkSync(to, join(dev, name))
  return dev
}

hole({
  cve: 'CVE-2025-31133',
  what: 'a /dev/null that leads to a setting of the kernel’s, when it is to hide a file',
  kept: 'what hides a file is the device 1:3, looked at by the descriptor that is then bound',
  defence: [['native/mounts.c', 'if (strcmp(path, "/dev/null") != 0)\n', 'if (1)\n']],
  attack(ground) {
    const dev = hostileDev(ground, { null: '/proc/sys/kernel/domainname' })
    const { text } = ground.run('cat /proc/version', (config) => {
      without(config, '/dev', '/dev/pts')
      config.mounts.push(bind(dev, '/dev'))
      config['domainname'] = 'token'
      config.linux['maskedPaths'] = ['/proc/version']
    })
    return /^token$/m.test(text)
  },
})

hole({
  cve: 'CVE-2025-52881',
  what: 'a file that is bound over a setting, and takes what is written there',
  kept: 'nothing is mounted in /proc, and on the way to a setting no other mount is entered: RESOLVE_NO_XDEV',
  defence: [
    ['src/box/container/places.ts', "place.startsWith('proc/') && !COUNTED.includes(place)", "place === 'never'"],
    ['native/files.c', 'RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS', 'RESOLVE_BENEATH'],
  ],
  attack(ground) {
    const file = join(ground.world.newPlace(), 'file')
    fs.writeFileSync(file, '')
    ground.run('true', (config) => {
      config.mounts.push(bind(file, '/proc/sys/kernel/domainname'))
      config.linux['sysctl'] = { 'kernel.domainname': 'written' }
    })
    return fs.readFileSync(file, 'utf8') === 'written'
  },
})
