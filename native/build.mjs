/** Builds `dist/launch` by one call of the C compiler: musl's, where there is one, as it makes the smallest. Without any, lessons 1–4 work all the same. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra']

/** musl's compiler does not look where the kernel's own headers are. */
const KERNEL_HEADERS = ['/usr/include', `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`]

/** In this order. Where the C library cannot be linked in, the program asks for it when it starts. */
const WAYS = [
  ['musl-gcc', '-static', ...KERNEL_HEADERS.flatMap((directory) => ['-idirafter', directory])],
  ['cc', '-static'],
  ['cc'],
]

export function buildLaunch() {
  const complaint = build('launch', sourcesIn('.', 'addon.c'), WAYS)
  if (complaint === undefined) return
  console.error(
    `boxwright: Cannot build the native launcher (lessons 1–4 work without it): ${complaint}\n` +
      '  Install a C compiler (Debian: apt-get install gcc libc6-dev), then: npm run prepare',
  )
}

/** The attacks that are programs, in one that runs in any root file system; and a library that stands in such a one. */
export function buildAttacks() {
  const complaint =
    build('attack', sourcesIn('attacks'), WAYS.slice(0, 2)) ??
    build('attack.so', [path('attacks/library/self-exe.c')], [['cc', '-shared', '-fPIC', '-nostdlib']])
  if (complaint !== undefined) console.error(`boxwright: Cannot build the attacks that are programs: ${complaint}`)
}

/** @returns what the last compiler had to say when none of them could. */
function build(name, sources, ways) {
  const program = fileURLToPath(new URL(`../dist/${name}`, import.meta.url))
  mkdirSync(new URL('../dist/', import.meta.url), { recursive: true })
  const draft = `${program}.${process.pid}`
  const complaints = []
  for (const [compiler, ...linking] of ways) {
    const { status, error, stderr } = spawnSync(compiler, [...FLAGS, ...linking, '-s', '-o', draft, ...sources])
    if (status === 0) return renameSync(draft, program)
    complaints.push(error?.message ?? String(stderr))
  }
  return complaints.at(-1)
}

const sourcesIn = (directory, ...without) =>
  readdirSync(path(directory))
    .filter((name) => name.endsWith('.c') && !without.includes(name))
    .map((name) => path(`${directory}/${name}`))

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

if (process.argv[1] === path('build.mjs')) {
  buildLaunch()
  buildAttacks()
}
