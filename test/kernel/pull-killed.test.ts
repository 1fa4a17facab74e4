/** SIGKILL in the middle of a pull: what a collection leaves of it, and where the next pull goes on. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fake, registry } from '../pure/registry-ground.ts'
import { ImageWorld, skipWithoutTools, tools } from './image-world.ts'
import { until } from './until.ts'
import { BOXWRIGHT } from './world.ts'

const MOST = 1_000_000

test(
  'a pull that was killed goes on by Range when a collection has taken what it held',
  { skip: skipWithoutTools },
  async (t) => {
    using world = new ImageWorld()
    const behind = await registry(t)
    const ranges: (string | undefined)[] = []
    let stalls = true
    const { host } = await fake(t, ({ url = '', headers: { range } }, response) => {
      void fetch(`http://${behind}${url}`, { headers: range === undefined ? {} : { range } }).then(async (answer) => {
        const bytes = Buffer.from(await answer.arrayBuffer())
        response.writeHead(answer.status, Object.fromEntries(answer.headers))
        if (bytes.length > MOST) ranges.push(range)
        if (bytes.length > MOST && stalls) response.write(bytes.subarray(0, MOST))
        else response.end(bytes)
      })
    })
    const well = async (...words: string[]): Promise<string> => {
      const { status, stdout, stderr } = await world.run(...words)
      assert.equal(status, 0, stderr)
      return stdout
    }
    await well(
      'load',
      '-i',
      await world.archive('app:1', {}, { small: 'x' }, { ...tools(), large: randomBytes(3 * MOST) }),
    )
    await well('push', 'app:1', `${behind}/app:1`)
    await well('image', 'rm', 'app:1')
    await well('gc')
    const [blobs, ingest] = ['blobs/sha256', 'ingest'].map((name) => join(world.directory, 'data/content', name))
    assert.ok(blobs && ingest)
    /** What has come whole meanwhile is here no more. */
    const sizes = (): number[] =>
      fs.readdirSync(ingest).flatMap((name) => fs.statSync(join(ingest, name), { throwIfNoEntry: false })?.size ?? [])

    const child = spawn(process.execPath, [BOXWRIGHT, 'pull', `${host}/app:1`], { env: world.env, stdio: 'ignore' })
    await until('half a layer', () => sizes().includes(MOST) && fs.readdirSync(blobs).length > 1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await well('gc')
    assert.deepEqual([fs.readdirSync(blobs), sizes()], [[], [MOST]])
    await well('fsck')

    stalls = false
    await well('pull', `${host}/app:1`)
    assert.deepEqual(ranges, [undefined, `bytes=${MOST}-`])
    assert.equal(await well('run', '--rm', `${host}/app:1`, '/bin/sh', '-c', 'read a < /small || echo $a'), 'x\n')
  },
)
