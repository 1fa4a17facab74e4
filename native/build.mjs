/**
 * Builds what is in C, each by one call of the compiler: `dist/launch`, by musl's where there is one, as it makes the smallest, and `dist/addon.node`,
 * which is loaded into Node. Without a compiler lessons 1–4 work all the same.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
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

/** It has to have the C library that Node has. */
const ADDON = fileURLToPath(new URL('../dist/addon.node', import.meta.url))
const ADDON_SOURCE = fileURLToPath(new URL('addon.c', import.meta.url))
const { include_dir: NODE_HEADERS } = createRequire(import.meta.url)('node-api-headers')

export function buildNative() {
  mkdirSync(new URL('../dist/', import.meta.url), { recursive: true })
  const ways = WAYS.map(([compiler, ...linking]) => [compiler, ...FLAGS, ...linking, '-s', ...SOURCES])
  const complaint =
    build(PROGRAM, ways) ?? build(ADDON, [['cc', ...FLAGS, '-shared', '-fPIC', '-I', NODE_HEADERS, '-s', ADDON_SOURCE]])
  if (complaint === undefined) return
  console.error(
    `boxwright: Cannot build the native launcher (lessons 1–4 work without it): ${complaint}\n` +
      '  Install a C compiler (Debian: apt-get install gcc libc6-dev), then: npm run prepare',
  )
}

/** The first way that works. Written beside, then renamed: what runs meanwhile keeps its own. @returns the last complaint when none does. */
function build(target, ways) {
  const draft = `${target}.${process.pid}`
  let complaint
  for (const [compiler, ...args] of ways) {
    const { status, error, stderr } = spawnSync(compiler, [...args, '-o', draft])
    if (status === 0) return renameSync(draft, target)
    complaint = error?.message ?? String(stderr)
  }
  return complaint
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildNative()
