/** The OCI's own validation of a runtime. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { cached, cacheOf, go, hasGo, type Module } from './go-module.ts'

export interface Suite {
  /** The programs look for the root file system's archive and for `runtimetest` where they are started. */
  directory: string
  /** Each validates one thing, and tells in the Test Anything Protocol. */
  programs: string[]
}

/** The last version that says of its documents that they are of 1.1: crun as Debian 12 has it refuses 1.3, of which the next one's are. The programs are the same. */
export const VERSION = 'v0.9.1-0.20250523060157-0ea5ed0382a2'
export const MODULE = 'github.com/opencontainers/runtime-tools'
const SUM = 'h1:2xZEHOdeQBV6PW8ZtimN863bIOl7OCW/X10K0cnxKeA='

const RUNTIME_TOOLS: Module = { name: MODULE, version: VERSION, sum: SUM }

/** @returns why the suite cannot run here; nothing when it can, or could once it is downloaded. */
export function lacking(): string | undefined {
  if (process.geteuid?.() !== 0) return 'only root may have containers with all that the suite asks for'
  if (!/^(?!#)\S+\t[1-9]/m.test(fs.readFileSync('/proc/cgroups', 'utf8')))
    return 'the suite reads cgroups of version 1, and this machine has none'
  if (!fs.existsSync(cacheOf(RUNTIME_TOOLS)) && !hasGo()) return 'there is no Go toolchain here to build it with'
  return undefined
}

/** @throws Error when it cannot be downloaded, or is not what it was. */
export function obtain(): Suite {
  const directory = cached(RUNTIME_TOOLS, build)
  return { directory, programs: fs.readdirSync(join(directory, 'validation')).sort() }
}

function build(place: string, source: string): void {
  const copy = join(place, 'source')
  fs.cpSync(source, copy, { recursive: true, filter: (path) => path !== join(source, 'vendor') })
  go(copy, ['build', '-ldflags=-s -w', '-o', `${place}/validation/`, './validation/...'])
  go(copy, ['build', '-ldflags=-s -w', '-o', place, './cmd/runtimetest'])
  for (const name of fs.readdirSync(source).filter((name) => /^rootfs-.*\.tar\.gz$/.test(name)))
    fs.copyFileSync(join(source, name), join(place, name))
  fs.rmSync(copy, { recursive: true })
}
