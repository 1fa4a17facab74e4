/** What a container sees of the host’s cgroups it may read, and no more. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { removeCgroup } from '../../src/kernel/cgroup-remove.ts'
import { readHierarchies } from '../../src/kernel/cgroup-sites.ts'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { hole, type Config, type Ground } from './cve-world.ts'
import type { Change } from './weakened.ts'

const UID = 54_321

/** As `spec --rootless` writes it. */
function asDefault(config: Config, rootless?: { uid: number; gid: number }): void {
  const { mounts, linux } = defaultConfig(rootless) as Config
  Object.assign(config, { mounts, linux })
}

const WRITES =
  'for f in $(find /sys/fs/cgroup -type d); do mkdir $f/theirs && echo made && rmdir $f/theirs; done 2>/dev/null'

const WRITABLE: Change[] = [
  ['src/box/container/cgroup-view.ts', 'SAFE | (flags & MS_RDONLY))]\n      : bound(', 'SAFE)]\n      : bound('],
  [
    'src/box/container/cgroup-view.ts',
    "MS_BIND | MS_REMOUNT | flags, '']",
    "MS_BIND | MS_REMOUNT | (flags & ~MS_RDONLY), '']",
  ],
  ['src/box/container/cgroup-view.ts', "'cgroup2', flags, data]", "'cgroup2', flags & ~MS_RDONLY, data]"],
]

/** A user may have cgroups of their own: the administrator has given them a directory. */
function delegated(): { directories: string[]; [Symbol.dispose](): void } {
  const harmless = readHierarchies().filter(({ version, controllers }) => version === 2 || controllers.includes('pids'))
  const directories = harmless.map(({ mount }) => join(mount.directory, `boxwright-cve-${process.pid}`))
  for (const directory of directories) {
    fs.mkdirSync(directory)
    for (const file of ['.', 'cgroup.procs', 'tasks', 'cgroup.subtree_control', 'cgroup.threads'])
      if (fs.existsSync(join(directory, file))) fs.chownSync(join(directory, file), UID, UID)
  }
  return { directories, [Symbol.dispose]: () => directories.forEach((directory) => removeCgroup(directory)) }
}

function asUser(ground: Ground, directories: readonly string[]): void {
  const entered = directories.map((directory) => `echo $$ >${directory}/cgroup.procs`).join('; ')
  ground.isOf(UID)
  ground.under = ['sh', '-c', `${entered}; exec setpriv --reuid ${UID} --regid ${UID} --clear-groups "$@"`, 'sh']
}

for (const apart of [true, false])
  hole({
    cve: 'CVE-2023-25809',
    what: `a cgroup of a user’s own, seen in a container of theirs ${apart ? 'with' : 'without'} a cgroup namespace,`,
    kept: 'of the host’s cgroups the container’s own is mounted, and read-only as it was asked for, whichever way it is mounted',
    defence: WRITABLE,
    attack(ground) {
      using cgroups = delegated()
      asUser(ground, cgroups.directories)
      const { text } = ground.run(`${WRITES}; echo tried`, (config) => {
        asDefault(config, { uid: UID, gid: UID })
        if (!apart) config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'cgroup')
      })
      assert.ok(text.includes('tried'), text)
      return text.includes('made')
    },
  })
