/** A suite of the OCI's is a Go module: downloaded by the module proxy, checked against its sum, built without C, kept in a cache. */
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Module {
  name: string
  version: string
  /** Of all its files, as go.sum has it. */
  sum: string
}

const GO = ['go', '/usr/local/go/bin/go'].find((path) => spawnSync(path, ['version']).status === 0)

export const hasGo = (): boolean => GO !== undefined

/** Where a module's programs are, once they are built. */
export const cacheOf = ({ version }: Module): string =>
  join(process.env['BOXWRIGHT_CONFORMANCE_CACHE'] ?? join(homedir(), '.cache/boxwright-conformance'), version)

/**
 * Made beside it, then renamed: a cache is whole or not there.
 * @param build fills a directory. @throws Error when the module cannot be downloaded, or is not what it was.
 */
export function cached(module: Module, build: (place: string, source: string) => void): string {
  const cache = cacheOf(module)
  if (fs.existsSync(cache)) return cache
  fs.mkdirSync(dirname(cache), { recursive: true })
  const place = fs.mkdtempSync(`${cache}-`)
  try {
    build(place, download(module))
    fs.chmodSync(place, 0o755)
    fs.renameSync(place, cache)
  } finally {
    fs.rmSync(place, { recursive: true, force: true })
  }
  return cache
}

/** @returns where Go's cache has the module's files. */
function download({ name, version, sum }: Module): string {
  const { Dir, Sum } = JSON.parse(go('/', ['mod', 'download', '-json', `${name}@${version}`])) as Record<string, string>
  if (Dir === undefined || Sum !== sum)
    throw new Error(`Cannot use ${name} ${version}: its sum is ${Sum ?? 'missing'}\n  It has to be ${sum}`)
  return Dir
}

/** Without C: what is built then runs in any root file system. */
export function go(cwd: string, args: readonly string[]): string {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -modcacherw' }
  return execFileSync(GO ?? 'go', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
