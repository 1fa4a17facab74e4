/**
 * A wall from a file: a learner's, in the place of the reference's. The file is TypeScript, so it is bundled in memory first. Whatever is wrong
 * with it is said with its file and line.
 */
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, Plugin } from 'esbuild'
import type { Wall } from '../plan/plan.ts'
import { Complaint } from './complaint.ts'

// #region load
/** @throws Complaint naming the file, the line where there is one, and what is so. */
export async function loadWall(file: string): Promise<Wall> {
  const exported = await loadExports(file, 'wall', 1)
  const walls = [...new Set(Object.values(exported).filter(isWall))]
  const [wall] = walls
  if (wall && walls.length === 1) return { ...wall, steps: (...given) => stepsOf(wall, file, given) }
  const names = walls.map(({ name }) => name).join(', ')
  throw new Complaint(
    `Cannot load the wall "${file}": it exports ${wall ? `several (${names})` : 'none'}\n  Export one: export const NAME: Wall = { name, lesson, steps }`,
  )
}
// #endregion load

/** @param what it is that is looked for in the file, and a lesson that has one. */
export async function loadExports(file: string, what: string, lesson: number): Promise<Record<string, unknown>> {
  if (existsSync(file)) return load(file, await bundle(file, what), what)
  throw new Complaint(
    `Cannot load the ${what} "${file}": there is no such file\n  Make one with: boxwright begin ${lesson}`,
  )
}

const isWall = (value: unknown): value is Wall => {
  const { name, lesson, steps } = Object(value) as Partial<Record<keyof Wall, unknown>>
  return typeof name === 'string' && typeof lesson === 'number' && typeof steps === 'function'
}

async function bundle(file: string, what: string): Promise<string> {
  const { build, stop } = await import('esbuild')
  try {
    const { outputFiles } = await build({
      entryPoints: [realpathSync(file)],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      sourceRoot: '/',
      outdir: '/',
      write: false,
      logLevel: 'silent',
      plugins: [decidesOnly],
    })
    return outputFiles[0]?.text ?? ''
  } catch (error) {
    throw unreadable(file, what, error as BuildFailure)
  } finally {
    await stop()
  }
}

/** A wall that made calls by itself would make them on the host, whatever it was loaded for. */
const decidesOnly: Plugin = {
  name: 'a wall decides only',
  setup: (build) =>
    build.onResolve({ filter: /\/libc\.ts$|^(ffi|ref)-napi$/ }, () => ({
      errors: [{ text: 'a wall makes no system calls itself, it returns them as steps' }],
    })),
}

function unreadable(file: string, what: string, failure: BuildFailure): Error {
  const [first] = failure.errors
  if (!first) return failure
  const { location, text } = first
  const where = location ? `\n  ${location.file}:${location.line}: ${location.lineText.trim()}` : ''
  return new Complaint(`Cannot load the ${what} "${file}": ${text}${where}`, { cause: failure })
}

/** Through a file, since a stack speaks of the TypeScript only when the module it leads to is one. */
async function load(file: string, source: string, what: string): Promise<Record<string, unknown>> {
  const place = mkdtempSync(join(tmpdir(), 'boxwright-wall-'))
  process.setSourceMapsEnabled(true)
  try {
    const module = join(place, 'wall.mjs')
    writeFileSync(module, source)
    return (await import(pathToFileURL(module).href)) as Record<string, unknown>
  } catch (error) {
    throw thrown(error, `load the ${what} "${file}"`, file)
  } finally {
    rmSync(place, { recursive: true })
  }
}

function stepsOf(wall: Wall, file: string, given: Parameters<Wall['steps']>): ReturnType<Wall['steps']> {
  try {
    return checked(wall.steps(...given))
  } catch (error) {
    throw thrown(error, `make the steps of the wall "${wall.name}"`, file)
  }
}

/** Nobody has compiled it: a comma too many, and there is a hole among the steps. */
function checked(steps: unknown): ReturnType<Wall['steps']> {
  if (!Array.isArray(steps)) throw new TypeError('steps() has to give a list')
  const lanes = steps.map((step: unknown) => (Object(step) as { lane?: unknown }).lane)
  const bad = lanes.findIndex((lane) => lane !== 'host' && lane !== 'box')
  if (bad >= 0) throw new TypeError(`number ${bad + 1} is no step of the lane host or box`)
  return steps as ReturnType<Wall['steps']>
}

/** With the innermost line of the stack that is in the learner's own file. */
function thrown(error: unknown, what: string, file: string): Complaint {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  const line = stack.split('\n').find((frame) => frame.includes(realpathSync(file)))
  const number = /:(\d+):\d+\)?$/.exec(line ?? '')?.[1]
  const where = number === undefined ? '' : `\n  ${relative('', file) || file}:${number}`
  return new Complaint(`Cannot ${what}: ${message.replace(/^Cannot /, 'cannot ')}${where}`, { cause: error })
}
