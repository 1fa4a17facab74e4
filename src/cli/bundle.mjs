/** Bundles the command into `dist/`: a few files start in a tenth of the time that two hundred TypeScript files take. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The command loads what a command needs; the program in the box is one file. */
export async function bundle() {
  const { build } = await import('esbuild')
  const [box, command] = await Promise.all([
    build({ ...SETTINGS, entryPoints: { inside: 'src/launch/inside.ts' } }),
    build({ ...SETTINGS, entryPoints: { main: 'src/cli/main.ts' }, splitting: true, chunkNames: 'part-[hash]' }),
  ])
  replace([...box.outputFiles, ...command.outputFiles.sort(mainLast)])
}

const SETTINGS = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['esbuild', 'ffi-napi', 'ref-napi', 'playwright-core', 'shiki', 'shiki/*'],
  banner: {
    js: "import { createRequire as forBundled } from 'node:module'; const require = forBundled(import.meta.url);",
  },
  sourcemap: true,
  logLevel: 'warning',
  write: false,
}

/** By its time it is known whether the bundle is current. */
const mainLast = (one, other) => Number(isMain(one)) - Number(isMain(other))
const isMain = ({ path }) => basename(path) === 'main.js'

/** Written beside, then renamed: another boxwright that starts meanwhile reads the old bundle or the new one. */
function replace(files) {
  for (const { path, contents } of files) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.${process.pid}`, contents)
    renameSync(`${path}.${process.pid}`, path)
  }
  const current = files.map(({ path }) => basename(path))
  const parts = readdirSync(join(root, 'dist')).filter((name) => name.startsWith('part-'))
  for (const name of parts.filter((part) => !current.includes(part))) rmSync(join(root, 'dist', name), { force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
