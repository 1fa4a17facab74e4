#!/usr/bin/env node
/** The installed command. Plain JavaScript, since it comes before the compiler: bundles the sources when they are newer, and runs them. */
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const built = modified('dist/main.js')

if (newest(/\.ts$/, 'src', 'lessons') > built) await rebuild()
if (
  newest(/^\w+\.[ch]$/, 'native') >
  Math.min(...['launch', 'addon.node', 'inode.node'].map((name) => modified(`dist/${name}`)))
)
  (await import('../../native/build.mjs')).buildLaunch()
if (process.argv[2] === 'attack' && newest(/\.[ch]$/, 'native/attacks') > modified('dist/attack'))
  (await import('../../native/build.mjs')).buildAttacks()
await import('../../dist/main.js')

/** A learner without write access runs what was built last. A mistake in the sources is the compiler's to explain, and it has. */
async function rebuild() {
  try {
    const { bundle } = await import('./bundle.mjs')
    await bundle()
  } catch (error) {
    if (built > 0 && error.code === 'EACCES') return
    console.error(
      `boxwright: Cannot build "${root}dist": ${error.code ? error.message : 'the sources have errors, see above'}`,
    )
    console.error(
      error.code === 'ERR_MODULE_NOT_FOUND' ? '  Install what it needs first: npm ci' : '  Mend them, and run it again',
    )
    process.exit(125)
  }
}

function newest(pattern, ...directories) {
  const files = directories.flatMap((directory) =>
    readdirSync(`${root}${directory}`, { recursive: true })
      .filter((name) => pattern.test(name))
      .map((name) => `${directory}/${name}`),
  )
  return Math.max(...files.map(modified))
}

function modified(file) {
  return statSync(`${root}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
