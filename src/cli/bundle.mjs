/** Bundles the commands into `dist/`: a few files start in a tenth of the time that two hundred TypeScript files take. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Names are hashed as they were when Node was built: a process that ends at once has nobody to guess at them, and it begins 3 ms earlier (measured). */
export const OPTIONS = ['--no-rehash-snapshot'].filter(
  (option) => spawnSync(process.execPath, [option, '-e', '0']).status === 0,
)

const root = fileURLToPath(new URL('../../', import.meta.url))

/** `boxwright` loads what a command needs; the program in the box is one file, so are those that go into a tree, and so is the runtime. */
export async function bundle() {
  const { build } = await import('esbuild')
  const [runtime, compiled, box, command] = await Promise.all([
    build(RUNTIME),
    build(COMPILED),
    build({
      ...SETTINGS,
      entryPoints: {
        inside: 'src/launch/inside.ts',
        unpack: 'src/layer/unpack.ts',
        within: 'src/image/within.ts',
        carry: 'src/engine/carry.ts',
      },
    }),
    build({ ...SETTINGS, entryPoints: { main: 'src/cli/main.ts' }, splitting: true, chunkNames: 'part-[hash]' }),
  ])
  replace([...runtime.outputFiles, ...box.outputFiles, ...command.outputFiles.sort(mainLast)])
  rehearse()
  compile(compiled)
}

const SETTINGS = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['esbuild', 'ffi-napi', 'ref-napi', 'lmdb', 'playwright-core', 'shiki', 'shiki/*'],
  banner: {
    js: "import { createRequire as forBundled } from 'node:module'; const require = forBundled(import.meta.url);",
  },
  sourcemap: true,
  logLevel: 'warning',
  write: false,
}

/** Parts of Node that take milliseconds to load, and that most acts of the runtime can do without: loaded when they are first used. */
const SLOW = /^node:(child_process|crypto|module|net|stream|tty|util)$/

const lazily = {
  name: 'lazily',
  setup(build) {
    build.onResolve({ filter: SLOW }, ({ path, namespace }) =>
      namespace === 'lazily' ? undefined : { path, namespace: 'lazily' },
    )
    build.onLoad({ filter: SLOW, namespace: 'lazily' }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, { get: (_, name) => require('${path}')[name] }))`,
    }))
  },
}

/** Bun's own for what is wanted of it: Node's, in Bun, takes two milliseconds to load (measured). */
const hashes = {
  name: 'hashes',
  setup(build) {
    build.onResolve({ filter: /^node:crypto$/ }, ({ path, namespace }) =>
      namespace === 'hashes' ? undefined : { path, namespace: 'hashes' },
    )
    build.onLoad({ filter: /^node:crypto$/, namespace: 'hashes' }, () => ({ contents: HASHES }))
  },
}
const HASHES = `
const own = {
  createHash: (name) => new Bun.CryptoHasher(name),
  randomUUID: () => crypto.randomUUID(),
  randomBytes: (count) => Buffer.from(crypto.getRandomValues(new Uint8Array(count))),
}
module.exports = Object.create(new Proxy(own, { get: (_, name) => own[name] ?? require('node:crypto')[name] }))`

/** Started for each single act. Node loads CommonJS sooner than modules. */
const RUNTIME = {
  ...SETTINGS,
  entryPoints: { runc: 'src/cli/runc/entry.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.filename': '__filename' },
  banner: {},
  plugins: [lazily],
}

/**
 * In a program nothing is looked for among installed packages. What of lmdb is in C lies beside it; the other encoding that it knows is nobody's here, since rows
 * are JSON.
 */
const whole = {
  name: 'whole',
  setup(build) {
    const instead = {
      [join(root, 'src/content/lmdb.ts')]: "import * as lmdb from 'lmdb'\nexport const loadLmdb = () => lmdb",
      'node-gyp-build-optional-packages': `import { loadBuilt } from '${join(root, 'src/launch/addon.ts')}'\nexport default () => loadBuilt('lmdb.node', 'keeps what is known of images')`,
      msgpackr: 'export class Encoder {}',
    }
    build.onResolve({ filter: /^(node-gyp-build-optional-packages|msgpackr)$/ }, ({ path }) => ({
      path,
      namespace: 'whole',
    }))
    build.onLoad({ filter: /.*/, namespace: 'whole' }, ({ path }) => ({ contents: instead[path], resolveDir: root }))
    build.onLoad({ filter: /\/content\/lmdb\.ts$/ }, ({ path }) => ({ contents: instead[path], resolveDir: root }))
  },
}

/** For Bun it is the other way round, and a program that it has compiled stands in `dist` like the bundle. */
const COMPILED = {
  ...SETTINGS,
  entryPoints: { 'boxwright.bun': 'src/cli/compiled.ts' },
  external: SETTINGS.external.filter((name) => name !== 'lmdb'),
  splitting: true,
  define: {
    'import.meta.filename': 'process.execPath',
    'import.meta.url': '"file:///"',
    NODE: JSON.stringify(process.execPath),
  },
  banner: {},
  sourcemap: false,
  metafile: true,
  plugins: [hashes, lazily, whole],
}

/** Without a snapshot the runtime starts all the same, a few milliseconds later. */
function rehearse() {
  const [draft, blob] = [`dist/runc.blob.${process.pid}`, 'dist/runc.blob'].map((name) => join(root, name))
  const env = { PATH: process.env.PATH }
  const words = [...OPTIONS, '--no-warnings', '--snapshot-blob', draft, '--build-snapshot', join(root, 'dist/runc.cjs')]
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' })
  if (status === 0) return renameSync(draft, blob)
  rmSync(blob, { force: true })
  console.error(`boxwright: Cannot keep the runtime as a snapshot: ${stderr}`)
}

/**
 * The runtime as a program: Bun itself, the bundle, and the bundle's bytecode. It looks for no file of whoever starts it, wherever that is: a bundle
 * may come from anybody.
 */
const COMPILING = [
  ...['build', '--compile', '--bytecode', '--format=esm'],
  ...['dotenv', 'bunfig', 'tsconfig', 'package-json'].map((file) => `--no-compile-autoload-${file}`),
]

/** Kept where it is there and runs on this machine: a processor may be too old for it. Without, Node does the same a little later. */
function compile({ outputFiles, metafile }) {
  const place = join(root, `dist/boxwright.bun.${process.pid}`)
  try {
    for (const { path, contents } of outputFiles) write(join(place, basename(path)), contents)
    run(bun(), [...COMPILING, 'boxwright.bun.js', '--outfile', 'boxwright.bun'], place)
    run(join(place, 'boxwright.bun'), ['features'], place)
    copyFileSync(lmdbForBun(), join(place, 'lmdb.node'))
    write(join(place, 'boxwright.bun.sources'), sourcesOf(metafile).join('\n'))
    for (const name of ['lmdb.node', 'boxwright.bun.sources', 'boxwright.bun'])
      renameSync(join(place, name), join(root, 'dist', name))
  } catch (error) {
    rmSync(join(root, 'dist/boxwright.bun'), { force: true })
    if (error.code !== 'MODULE_NOT_FOUND') console.error(`boxwright: Cannot use Bun: ${error.message}`)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** Packages change when they are installed, and then all of this is built again. */
const sourcesOf = ({ inputs }) => Object.keys(inputs).filter((path) => path.startsWith('src/'))

/** Both throw an Error with `code` MODULE_NOT_FOUND where it has not been installed: npm ci --omit=optional. */
const bun = () => installed(`@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`)
const lmdbForBun = () => installed(`@lmdb/lmdb-linux-${process.arch}/node.napi.glibc.node`)

const installed = (path) => createRequire(import.meta.url).resolve(path)

function run(program, words, cwd) {
  const { status, signal, stderr, error } = spawnSync(program, words, {
    cwd,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  if (status !== 0) throw error ?? new Error(`${basename(program)} ${words[0]}: ${stderr.trim() || (signal ?? status)}`)
}

/** By its time it is known whether the bundle is current. */
const mainLast = (one, other) => Number(isMain(one)) - Number(isMain(other))
const isMain = ({ path }) => basename(path) === 'main.js'

/** Written beside, then renamed: another boxwright that starts meanwhile reads the old bundle or the new one. */
function replace(files) {
  for (const { path, contents } of files) {
    write(`${path}.${process.pid}`, contents)
    renameSync(`${path}.${process.pid}`, path)
  }
  const current = files.map(({ path }) => basename(path))
  const parts = readdirSync(join(root, 'dist')).filter((name) => name.startsWith('part-'))
  for (const name of parts.filter((part) => !current.includes(part))) rmSync(join(root, 'dist', name), { force: true })
}

function write(path, contents) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle()
