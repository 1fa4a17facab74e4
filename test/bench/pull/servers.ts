/** Where it is pulled from: Debian's registry, which is nobody's here, and our own. Each a process of its own, that is not measured. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Content } from '../../../src/content/content.ts'
import type { Descriptor } from '../../../src/oci/descriptor.ts'
import { parseReference } from '../../../src/oci/reference.ts'
import { Client } from '../../../src/registry/client.ts'
import { push } from '../../../src/registry/push.ts'
import { BOXWRIGHT, started, stopped } from './clients.ts'

export interface Server extends AsyncDisposable {
  host: string
}

const servers: Readonly<Record<string, (host: string, place: string) => string[]>> = {
  'docker-registry': (host, place) => {
    const config = join(place, 'registry.yml')
    const settings = {
      version: 0.1,
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: join(place, 'data') } },
      http: { addr: host },
    }
    writeFileSync(config, JSON.stringify(settings))
    return ['docker-registry', 'serve', config]
  },
  'boxwright registry': (host, place) => [
    ...[process.execPath, BOXWRIGHT, 'registry', 'serve', '--listen', host, '--data', join(place, 'data')],
  ],
}

export const serverNames = (): string[] =>
  Object.keys(servers).filter((name) => name.includes(' ') || spawnSync(name, ['--version']).error === undefined)

export async function openServer(name: string, place: string): Promise<Server> {
  const host = `127.0.0.1:${await freePort()}`
  mkdirSync(place)
  const isUp = (): Promise<boolean> => fetch(`http://${host}/v2/`).then(({ ok }) => ok, () => false) // prettier-ignore
  const child = await started(servers[name]?.(host, place) ?? [], place, isUp)
  return { host, [Symbol.asyncDispose]: () => stopped(child) }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function pushAll(
  host: string,
  content: Content,
  images: Readonly<Record<string, Descriptor>>,
): Promise<void> {
  using client = new Client({ environment: {}, settings: { search: [], registries: {} } })
  for (const [tag, image] of Object.entries(images))
    await push(client.repository(parseReference(`${host}/bench`)), image, content, { tag })
}
