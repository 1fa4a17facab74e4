/** A server that answers for a filter, as a program of its own: Node can't take descriptors. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until, type World } from './world.ts'

const source = join(import.meta.dirname, 'listening.c')

/** For a test's options. */
export const skipWithoutCompiler: string | false =
  spawnSync('cc', ['--version']).status !== 0 && 'there is no C compiler'

export interface Listening extends Disposable {
  path: string
  /** What it has said: the state that came, and the number of each call that it was asked about. */
  ended(): Promise<string[]>
}

/** A server that answers so many notifications with ENOTEMPTY. */
export async function listen(world: World, count: number): Promise<Listening> {
  const [program, path] = [join(world.directory, 'listening'), join(world.directory, 'socket')]
  assert.equal(spawnSync('cc', ['-o', program, source], { stdio: 'inherit' }).status, 0)
  const server = spawn(program, [path, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  server.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const said = (): string => Buffer.concat(chunks).toString()
  const closed = once(server, 'close')
  await until('a server', () => said().startsWith('ready'))
  return {
    path,
    ended: async () => (await closed, said().trim().split('\n').slice(1)),
    [Symbol.dispose]: () => void server.kill(),
  }
}
