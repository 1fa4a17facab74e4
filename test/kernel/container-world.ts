/** Containers of the runtime, as somebody asks for them: a bundle with a `config.json`, and the command that makes it a container. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import type { Mount, Spec } from '../../src/oci/spec.ts'
import { skipWithoutLauncher } from './native-world.ts'
import type { Ran, World } from './world.ts'

/** Or another one: with a copy of it that has no program of Bun's beside it, the same tests are about Node. */
export const RUNTIME = process.env['BOXWRIGHT_RUNTIME'] ?? join(import.meta.dirname, '../../dist/boxwright-runc')

/** For a test's options. */
export const skipWithoutRuntime: string | false =
  skipWithoutLauncher || (!fs.existsSync(RUNTIME) && 'boxwright-runc is not built: npm run prepare says why')

/** What is in the file, to be changed at will. */
export type Config = Omit<Spec, 'root'> & { root: { path: string; readonly?: boolean } }

export interface Wanted {
  /** Words of the command line after `run`. */
  words?: string[]
  /** Programs that start the runtime. */
  under?: string[]
  uid?: number
}

let containers = 0

/** Runs `script` in a container, to its end. */
export async function contained(
  world: World,
  script: string,
  change: (config: Config) => void = () => {},
  { words = [], under = [], uid }: Wanted = {},
): Promise<Ran> {
  const config = structuredClone(defaultConfig(uid === undefined ? undefined : { uid, gid: uid })) as unknown as Config
  config.process = { ...config.process, args: ['sh', '-c', script], terminal: false }
  config.root = { path: world.base() }
  change(config)
  const bundle = world.newPlace()
  fs.chmodSync(bundle, 0o755)
  fs.writeFileSync(join(bundle, 'config.json'), writeJson(config))
  if (uid !== undefined) fs.chownSync(bundle, uid, uid)
  const state = join(bundle, 'state')
  const id = `boxwright-test-${process.pid}-${++containers}`
  return world.run(['--root', state, 'run', '--bundle', bundle, ...words, id], {
    program: [...under, RUNTIME],
    ...(uid !== undefined && { uid }),
  })
}

/** With numbers of its own: root in it is 100000 outside. */
export function withUsers(config: Config): void {
  config.linux.namespaces.push({ type: 'user' })
  config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
  config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
}

export const tmpfs = (destination: string, ...options: string[]): Mount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options,
})
export const bind = (source: string, destination: string, ...options: string[]): Mount => ({
  destination,
  type: 'bind',
  source,
  options: ['bind', ...options],
})
