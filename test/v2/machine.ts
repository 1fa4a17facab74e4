/**
 * `npm run test:v2`: the kernel tests where cgroups are pure v2. Most test machines have another layout, and a machine's layout is settled at
 * boot; so one is booted, in QEMU without hardware help, with a Debian kernel that is unpacked and never installed. Its root file system is this
 * machine's own, to be read; what is written there stays in its memory.
 *
 *     node --import tsx test/v2/machine.ts [--install] [TEST-FILE …]
 *     node --import tsx test/v2/machine.ts [--install] -- COMMAND …     any command; with a terminal, it gets one
 *
 * What is missing is downloaded when CI is set or with --install; otherwise the tests are skipped, with a word on why.
 * BOXWRIGHT_V2_MINUTES is how long the machine may take; BOXWRIGHT_V2_CACHE is where kernel and busybox are kept.
 */
import { readdirSync } from 'node:fs'
import { boot } from './boot.ts'
import { lacking, obtain, type Parts } from './parts.ts'

/** Without hardware help a box takes about five seconds, so of the kernel tests only those that are about cgroups, and about a list of devices in one. */
const ABOUT_CGROUPS = ['cgroups', 'container-cgroups', 'container-starved', 'container-update', 'security'].map(
  (name) => `test/kernel/${name}.test.ts`,
)

/** A bound for a machine that hangs; never what is tested. */
const minutes = Number(process.env['BOXWRIGHT_V2_MINUTES'] ?? 30)

const SKIPPED = 0
const CANNOT = 125

async function main(argv: readonly string[]): Promise<number> {
  const [own, command] = split(argv)
  const [options, files] = [own.filter((word) => word.startsWith('-')), own.filter((word) => !word.startsWith('-'))]
  if (options.some((option) => option !== '--install')) return complain(`Cannot take "${options.join(' ')}"`)
  try {
    const parts = ready(options.includes('--install') || Boolean(process.env['CI']))
    if (typeof parts === 'string') return skip(parts, command !== undefined)
    const interactive = command !== undefined && process.stdin.isTTY && process.stdout.isTTY
    return await boot(parts, { command: command ?? nodeTest(files.length > 0 ? files : ours()), interactive, minutes })
  } catch (error) {
    return complain((error as Error).message)
  }
}

/** @returns what a machine is made of, or why it cannot be had. */
function ready(mayInstall: boolean): Parts | string {
  const reason = lacking()
  return reason !== undefined && !mayInstall ? reason : obtain()
}

function split(argv: readonly string[]): [own: readonly string[], command?: readonly string[]] {
  const end = argv.indexOf('--')
  return end === -1 ? [argv] : [argv.slice(0, end), argv.slice(end + 1)]
}

const ours = (): string[] => {
  const names = readdirSync('test/v2').filter((name) => name.endsWith('.test.ts'))
  return [...names.map((name) => `test/v2/${name}`), ...ABOUT_CGROUPS]
}

const nodeTest = (files: readonly string[]): string[] => [
  ...[process.execPath, '--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=spec'],
  ...files,
]

function skip(reason: string, wanted: boolean): number {
  console.error(`SKIPPED: the kernel tests on pure cgroup v2: ${reason}`)
  console.error('  Let this program install QEMU and download a kernel: npm run test:v2 -- --install')
  return wanted ? CANNOT : SKIPPED
}

function complain(message: string): number {
  console.error(`test:v2: ${message}`)
  return CANNOT
}

process.exit(await main(process.argv.slice(2)))
