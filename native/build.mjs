/**
 * Builds what is in C, each by one call of the compiler: `dist/launch`, `dist/boxwright`, `dist/boxwright-runc` and `dist/attack`, by musl's where there is one, as it makes
 * the smallest, and `dist/addon.node`, which is loaded into Node. Without a compiler lessons 1–4 work all the same.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { OPTIONS } from '../src/cli/bundle.mjs'

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-s']

/** A smaller program is copied and started sooner, and this one is at each start: no tables for debuggers, no gaps between its parts. */
const SMALL = ['-fno-asynchronous-unwind-tables', '-Wl,-z,noseparate-code']

/** musl's compiler does not look where the kernel's own headers are. */
const KERNEL_HEADERS = ['/usr/include', `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`]

/** In this order. Where the C library cannot be linked in, the program asks for it when it starts. */
const WAYS = [
  ['musl-gcc', '-static', ...SMALL, ...KERNEL_HEADERS.flatMap((directory) => ['-idirafter', directory])],
  ['cc', '-static', ...SMALL],
  ['cc'],
]

/** The addon has to have the C library that Node has. */
const IN_NODE = ['cc', '-shared', '-fPIC', '-I', createRequire(import.meta.url)('node-api-headers').include_dir]

/** The launcher, what starts it, and the runtime's command. */
export function buildLaunch() {
  const complaint =
    build('launch', sourcesIn('.', 'addon.c', 'inode.c'), WAYS) ??
    build('addon.node', [path('addon.c')], [IN_NODE]) ??
    build('inode.node', [path('inode.c')], [IN_NODE]) ??
    build('notify', sourcesIn('notify'), WAYS) ??
    build('boxwright-runc', sourcesIn('front', 'boxwright.c'), WAYS.map(withNode)) ??
    build('boxwright', sourcesIn('front', 'front.c'), WAYS.map(withNode))
  if (complaint === undefined) return writeFileSync(path('../dist/launch.sources'), listOf('.'))
  console.error(
    `boxwright: Cannot build the native launcher (lessons 1–4 work without it): ${complaint}\n` +
      '  Install a C compiler (Debian: apt-get install gcc libc6-dev), then: npm run prepare',
  )
}

/** Without its front `boxwright` is the script itself. */
function startInNode() {
  if (!existsSync(path('../dist/boxwright'))) symlinkSync('../src/cli/boxwright.mjs', path('../dist/boxwright'))
}

/** For the fronts: which Node they become. */
const withNode = (way) => [
  ...way,
  `-DNODE="${process.execPath}"`,
  `-DOPTIONS=${OPTIONS.map((option) => `"${option}",`).join('')}`,
]

/** The attacks that are programs, in one that runs in any root file system; and a library that stands in such a one. */
export function buildAttacks() {
  const complaint =
    build('attack', sourcesIn('attacks'), WAYS.slice(0, 2)) ??
    build('attack.so', [path('attacks/library/self-exe.c')], [['cc', '-shared', '-fPIC', '-nostdlib']])
  if (complaint !== undefined) console.error(`boxwright: Cannot build the attacks that are programs: ${complaint}`)
}

/** The first way that works. Written beside, then renamed: what runs meanwhile keeps its own. @returns the last complaint when none does. */
function build(name, sources, ways) {
  const target = path(`../dist/${name}`)
  const draft = `${target}.${process.pid}`
  let complaint
  mkdirSync(path('../dist'), { recursive: true })
  for (const [compiler, ...linking] of ways) {
    const { status, error, stderr } = spawnSync(compiler, [...FLAGS, ...linking, '-o', draft, ...sources])
    if (status === 0) return renameSync(draft, target)
    complaint = error?.message ?? String(stderr)
  }
  return complaint
}

/** For the front, which asks whether the launcher is current. */
const listOf = (directory) =>
  readdirSync(path(directory))
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => `native/${name}\n`)
    .join('')

const sourcesIn = (directory, ...without) =>
  readdirSync(path(directory))
    .filter((name) => name.endsWith('.c') && !without.includes(name))
    .map((name) => path(`${directory}/${name}`))

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

if (process.argv[1] === path('build.mjs')) {
  buildLaunch()
  buildAttacks()
  startInNode()
}
