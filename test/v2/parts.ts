/** What the machine is made of: QEMU from the system, and a kernel and a busybox out of Debian's packages, unpacked into a cache. */
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Parts {
  kernel: string
  busybox: string
  /** In the order in which they can be loaded. */
  modules: string[]
}

export const QEMU = 'qemu-system-x86_64'

const CACHE = process.env['BOXWRIGHT_V2_CACHE'] ?? join(homedir(), '.cache', 'boxwright-v2')
const KERNEL = join(CACHE, 'vmlinuz')

/** What it takes to reach a disk and a root file system. A kernel that has one built in has no file of that name. */
const MODULES = [
  ...['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_pci', 'virtio_blk'],
  ...['netfs', 'fscache', '9pnet', '9pnet_virtio', '9p', 'overlay'],
]

/** @returns why there can be no machine as things are; nothing when there can. */
export function lacking(): string | undefined {
  if (process.arch !== 'x64') return `they run this machine's own Node on an x86-64 kernel, and this is ${process.arch}`
  if (!hasQemu()) return `there is no ${QEMU} here`
  if (!fs.existsSync(KERNEL)) return `there is no kernel in ${CACHE}`
  return undefined
}

const hasQemu = (): boolean => spawnSync(QEMU, ['--version']).status === 0

/** Gets what is missing. @throws Error when it cannot be had. */
export function obtain(): Parts {
  if (lacking() !== undefined) download()
  const modules = MODULES.map((name) => join(CACHE, `${name}.ko`)).filter((path) => fs.existsSync(path))
  return { kernel: KERNEL, busybox: join(CACHE, 'busybox'), modules }
}

function download(): void {
  if (process.arch !== 'x64') throw new Error(`Cannot boot a machine: ${lacking() ?? ''}`)
  run('apt-get', ['update', '-qq'])
  if (!hasQemu()) run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'qemu-system-x86'])
  if (!fs.existsSync(KERNEL)) fillCache()
}

/** Made beside it, then renamed: a cache is whole or not there. */
function fillCache(): void {
  fs.mkdirSync(dirname(CACHE), { recursive: true })
  const [place, unpacked] = ['', 'unpacked'].map((name) => fs.mkdtempSync(`${CACHE}-${name}`)) as [string, string]
  try {
    run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', newestKernel(), 'busybox-static'], unpacked)
    for (const name of fs.readdirSync(unpacked)) run('dpkg-deb', ['-x', name, '.'], unpacked)
    pick(unpacked, place)
    fs.rmSync(CACHE, { recursive: true, force: true })
    fs.renameSync(place, CACHE)
  } finally {
    for (const directory of [place, unpacked]) fs.rmSync(directory, { recursive: true, force: true })
  }
}

/** The generic one: Debian's kernel for clouds has no 9p. */
function newestKernel(): string {
  const text = execFileSync('apt-cache', ['depends', 'linux-image-amd64'], { encoding: 'utf8', env: { LC_ALL: 'C' } })
  const name = /Depends: (linux-image-\S+)/.exec(text)?.[1]
  if (name === undefined) throw new Error('Cannot find a kernel: apt knows no linux-image-amd64, which Debian has')
  return name
}

/** Takes the files that are wanted out of the packages' trees, and lays them flat. Newer kernels have their modules compressed. */
function pick(unpacked: string, place: string): void {
  const wanted = new RegExp(`/(vmlinuz)-[^/]*$|bin/(busybox)$|/((?:${MODULES.join('|')})\\.ko(?:\\.xz)?)$`)
  for (const path of fs.readdirSync(unpacked, { recursive: true, encoding: 'utf8' })) {
    const name = wanted.exec(path)?.slice(1).find(Boolean)
    if (name !== undefined) fs.copyFileSync(join(unpacked, path), join(place, name))
  }
  for (const name of fs.readdirSync(place)) if (name.endsWith('.xz')) run(join(place, 'busybox'), ['unxz', name], place)
}

function run(file: string, args: readonly string[], cwd = '/'): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, error } = spawnSync(file, args, { cwd, env, stdio: ['ignore', 2, 2] })
  if (error ?? status !== 0)
    throw new Error(`Cannot ${file} ${args[0] ?? ''}: ${error?.message ?? `it ended with ${status}`}`)
}
