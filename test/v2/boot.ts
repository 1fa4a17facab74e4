/** Boots the machine, has it run one command, and hands back how that ended. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { QEMU, type Parts } from './parts.ts'

const INIT = fileURLToPath(new URL('init.sh', import.meta.url))

export interface Job {
  command: readonly string[]
  /** Has the command the terminal that we have? Then it may take as long as its user likes. */
  interactive: boolean
  /** How long it may take otherwise. */
  minutes: number
}

/** @returns the command's exit status. @throws Error when the machine ended, or had to be ended, before the command did. */
export async function boot(parts: Parts, job: Job): Promise<number> {
  const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-v2-'))
  try {
    makeInitramfs(place, parts, job)
    fs.writeFileSync(join(place, 'disk'), '')
    fs.truncateSync(join(place, 'disk'), 64 << 20)
    const end = await qemu(place, parts.kernel, job)
    if (end.signal !== undefined) return 128 + constants.signals[end.signal]
    return statusIn(place, job, end)
  } finally {
    fs.rmSync(place, { recursive: true })
  }
}

interface End {
  /** The signal that we ourselves were sent. */
  signal?: NodeJS.Signals
  hung?: true
}

/** Runs until the machine powers itself off, its time is up, or somebody has had enough. */
async function qemu(place: string, kernel: string, { interactive, minutes }: Job): Promise<End> {
  const end: End = {}
  // Killed with us even by a SIGKILL: nobody would look for a virtual machine that has been left behind.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', QEMU, ...options(place, kernel)], {
    stdio: interactive ? 'inherit' : ['ignore', 'pipe', 'inherit'],
  })
  child.stdout?.pipe(process.stdout, { end: false })
  const kill = (why: End): void => void (Object.assign(end, why), child.kill('SIGKILL'))
  const timer = interactive ? undefined : setTimeout(kill, minutes * 60_000, { hung: true })
  for (const signal of SIGNALS) process.on(signal, () => kill({ signal }))
  await once(child, 'close')
  clearTimeout(timer)
  return end
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** With `pc` and one processor it has never hung without hardware help. Serial lines: the kernel's log, the command's terminal, its status. */
const options = (place: string, kernel: string): string[] => [
  ...['-accel', 'tcg', '-M', 'pc', '-cpu', 'Nehalem', '-smp', '1', '-m', '2048'],
  ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
  ...['-kernel', kernel, '-initrd', join(place, 'initramfs')],
  ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off'],
  ...['-serial', `file:${join(place, 'log')}`],
  ...['-chardev', 'stdio,id=command,signal=off', '-serial', 'chardev:command'],
  ...['-serial', `file:${join(place, 'status')}`],
  ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
  ...['-drive', `file=${join(place, 'disk')},format=raw,if=virtio`],
]

function statusIn(place: string, { minutes }: Job, { hung }: End): number {
  const [status, log] = ['status', 'log'].map((name) => read(join(place, name))) as [string, string]
  if (/^\d+\s*$/.test(status)) return Number(status)
  const what = hung ? `it was still running after ${minutes} minutes` : 'it ended before its command did'
  throw new Error(`Cannot tell how the tests went in the machine: ${what}. Its kernel's last words:\n${tail(log)}`)
}

const read = (path: string): string => (fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '')

const tail = (log: string): string => log.trimEnd().split('\n').slice(-40).join('\n')

/** What the kernel unpacks into its first, empty root: a busybox, the modules, and the program that is to be process 1. */
function makeInitramfs(place: string, { busybox, modules }: Parts, job: Job): void {
  const tree = join(place, 'tree')
  for (const directory of ['bin', 'dev', 'proc', 'host', 'over', 'root', 'modules'])
    fs.mkdirSync(join(tree, directory), { recursive: true })
  fs.copyFileSync(busybox, join(tree, 'bin/busybox'))
  modules.forEach((path, n) => fs.copyFileSync(path, join(tree, `modules/${String(n).padStart(2, '0')}.ko`)))
  fs.copyFileSync(INIT, join(tree, 'init'))
  fs.chmodSync(join(tree, 'init'), 0o755)
  fs.writeFileSync(join(tree, 'job'), script(job))
  const archive = fs.openSync(join(place, 'initramfs'), 'w')
  execFileSync('sh', ['-c', 'find . | "$0" cpio -o -H newc', busybox], {
    cwd: tree,
    stdio: ['ignore', archive, 'pipe'],
  })
  fs.closeSync(archive)
}

/** What the machine is to do, in the words of a shell. A test that finds BOXWRIGHT_TEST_DISK knows that it is in there. */
function script({ command, interactive }: Job): string {
  const passed = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TERM|BOXWRIGHT_TEST_\w+)$/.test(name))
  const variables = [...passed, ['BOXWRIGHT_TEST_DISK', '/dev/vda'] as const]
  return [
    ...variables.map(([name, value]) => `export ${name}=${quoted(value ?? '')}`),
    `terminal=${interactive ? 'yes' : ''}`,
    `cd ${quoted(process.cwd())}`,
    `job() { ${command.map(quoted).join(' ')}; }`,
    '',
  ].join('\n')
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`
