#!/usr/bin/env node
/** The installed command. Plain JavaScript, since it comes before the compiler: bundles the sources when they are newer, and runs them. */
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

if (newest(`${root}src`, `${root}lessons`) > modified(`${root}dist/main.js`)) {
  const { bundle } = await import('./bundle.mjs')
  await bundle()
}
await import('../../dist/main.js')

function newest(...directories) {
  const files = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true }).filter((name) => name.endsWith('.ts')).map((name) => `${directory}/${name}`),
  )
  return Math.max(...files.map(modified))
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
