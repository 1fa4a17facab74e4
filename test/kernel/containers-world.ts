/** Containers that are left alone, in a place of their own; they go with it. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { parentOf } from '../../src/kernel/proc.ts'
import { ImageWorld } from './image-world.ts'
import { until } from './until.ts'

export class Containers extends ImageWorld implements AsyncDisposable {
  async said(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words)
    assert.equal(status, 0, `${words.join(' ')}: ${stderr}`)
    return stdout
  }

  /** Left alone, and heard of. */
  async started(name: string, script: string, ...words: string[]): Promise<string> {
    const id = await this.said('run', '-d', '--name', name, ...words, 'boxwright/base', 'sh', '-c', script)
    await until('its first words', async () => (await this.run('logs', name)).stdout.includes('up'))
    return id.trim()
  }

  async status(name: string): Promise<string> {
    const all = (await this.said('ps', '--json')).split('\n').filter(Boolean)
    const one = all.map((line) => JSON.parse(line) as { name: string; status: string; exitCode?: number })
    const found = one.find((kept) => kept.name === name)
    return found === undefined ? 'none' : [found.status, found.exitCode].filter((word) => word !== undefined).join(' ')
  }

  /** The number of its first process. */
  first(id: string): number {
    const state = join(this.env['BOXWRIGHT_RUN'] ?? '', 'containers', id, 'state.json')
    return (JSON.parse(fs.readFileSync(state, 'utf8')) as { pid: number }).pid
  }

  /** Its monitor: the parent of its first process. */
  monitor(id: string): number {
    return parentOf(this.first(id)) ?? 0
  }

  /** What is left where containers run. */
  left(): string[] {
    const directory = join(this.env['BOXWRIGHT_RUN'] ?? '', 'containers')
    return fs.existsSync(directory) ? fs.readdirSync(directory) : []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const names = (await this.run('ps', '-q')).stdout.split('\n').filter(Boolean)
    if (names.length > 0) await this.run('rm', '-f', ...names)
    this[Symbol.dispose]()
  }
}
