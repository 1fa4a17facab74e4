/**
 * Builds of the runtime with a defence taken out, for the tests that show what it is there for. What is taken out is a piece of text; where that is not found
 * any more, the test has to be written anew. Of the launcher only the changed files are compiled again.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

/** A file of the repository's, what stands in it, and what is to stand there instead. */
export type Change = readonly [file: string, text: string, instead: string]

const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-weak-'))
fs.chmodSync(place, 0o755) // a user may run them
process.once('exit', () => fs.rmSync(place, { recursive: true, force: true }))

// #region builds
/** @returns a directory with the runtime, without what the changes take out. */
export async function built(changes: readonly Change[]): Promise<string> {
  const directory = fs.mkdtempSync(join(place, 'build-'))
  fs.chmodSync(directory, 0o755)
  const changed = new Map<string, string>()
  for (const [file, text, instead] of changes) {
    const source = changed.get(file) ?? fs.readFileSync(join(ROOT, file), 'utf8')
    assert.ok(source.includes(text), `${file} has no more the text that was to be taken out:\n${text}`)
    changed.set(
      file,
      source.replace(text, () => instead),
    )
  }
  await bundled(directory, changed)
  linked(join(directory, 'launch'), changed)
  fs.copyFileSync(join(ROOT, 'dist/addon.node'), join(directory, 'addon.node'))
  return directory
}

/** As src/cli/bundle.mjs does it. */
async function bundled(directory: string, changed: ReadonlyMap<string, string>): Promise<void> {
  const weakened: Plugin = {
    name: 'weakened',
    setup: (build) =>
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = changed.get(path.slice(ROOT.length + 1))
        return contents === undefined ? undefined : { contents, loader: 'ts' as const }
      }),
  }
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/runc/entry.ts'],
    outfile: join(directory, 'runc.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['esbuild', 'ffi-napi', 'ref-napi', 'playwright-core', 'shiki', 'shiki/*'],
    define: { 'import.meta.filename': '__filename' },
    plugins: [weakened],
    logLevel: 'error',
  })
}

let objects: Map<string, string> | undefined

function linked(program: string, changed: ReadonlyMap<string, string>): void {
  objects ??= new Map(nativeFiles().map((file) => [file, compiled(join(ROOT, file), place)]))
  const files = [...objects].map(([file, object]) => {
    const text = changed.get(file)
    if (text === undefined) return object
    const source = `${program}-${basename(file)}`
    fs.writeFileSync(source, text)
    return compiled(source, join(program, '..'))
  })
  cc('-o', program, ...files)
}

const nativeFiles = (): string[] =>
  fs
    .readdirSync(join(ROOT, 'native'))
    .filter((name) => name.endsWith('.c') && !['addon.c', 'inode.c'].includes(name))
    .map((name) => `native/${name}`)

function compiled(source: string, into: string): string {
  const object = join(into, `${basename(source)}.o`)
  cc('-c', '-I', join(ROOT, 'native'), '-o', object, source)
  return object
}

function cc(...args: string[]): void {
  const { status, stderr } = spawnSync('cc', ['-std=c11', '-static', '-w', ...args], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}
// #endregion builds
