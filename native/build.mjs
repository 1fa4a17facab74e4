/** Builds `dist/launch` by one call of the C compiler: musl's, where there is one, as it makes the smallest. Without any, lessons 1–4 work all the same. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const SOURCES = readdirSync(HERE)
  .filter((name) => name.endsWith('.c') && name !== 'addon.c')
  .map((name) => HERE + name)
const PROGRAM = fileURLToPath(new URL('../dist/launch', import.meta.url))
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
  mkdirSync(new URL('../dist/', import.meta.url), { recursive: true })
  const draft = `${PROGRAM}.${process.pid}`
  const tries = WAYS.map(([compiler, ...linking]) => () => {
    const { status, error, stderr } = spawnSync(compiler, [...FLAGS, ...linking, '-s', '-o', draft, ...SOURCES])
    return status === 0 ? undefined : (error?.message ?? String(stderr))
  })
  const complaints = []
  for (const build of tries) {
    const complaint = build()
    if (complaint === undefined) return renameSync(draft, PROGRAM)
    complaints.push(complaint)
  }
  console.error(
    `boxwright: Cannot build the native launcher (lessons 1–4 work without it): ${complaints.at(-1)}\n` +
      '  Install a C compiler (Debian: apt-get install gcc libc6-dev), then: npm run prepare',
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildLaunch()
