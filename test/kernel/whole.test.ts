/** One Node that stays and makes many boxes, at once: each has its own end, and nothing is left of any. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as later } from 'node:timers/promises'
import { command } from '../../src/box/command.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { isAlive, processId } from '../../src/kernel/proc.ts'
import { StepFailed, type Box, type Outcome } from '../../src/launch/launcher.ts'
import { runBox } from '../../src/launch/whole.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { skipWithoutRoot, until, World } from './world.ts'

const options = { skip: skipWithoutRoot }
const WALLS = [namespaces, mounts, devices, command]
const MACHINE = readMachine()

let made = 0

/** The ledger of this process is in the world, too. */
function run(world: World, args: string[], rootfs = world.base(), box: Partial<Box> = {}): Promise<Outcome> {
  process.env['BOXWRIGHT_RUN'] = world.state
  const id = `whole-${(made += 1)}`
  return runBox(defaultSpec({ id, rootfs, args }), WALLS, { id, ...box }, MACHINE)
}

const exit = (status: number): string[] => ['sh', '-c', `exit ${status}`]
const descriptors = (): number => readdirSync('/proc/self/fd').length
const children = (): string => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')

test(
  'each box has its own status, and nothing is left, when one Node makes forty, eight at a time',
  options,
  async () => {
    await using world = new World()
    assert.equal((await run(world, exit(0))).status, 0) // what is loaded once is loaded
    for (let turns = 0; turns < 4; turns += 1) await later() // Node closes its end of a launcher's line some turns after its end
    const before = { inventory: world.inventory(), open: descriptors(), children: children() }
    const left = Array.from({ length: 40 }, (_, n) => n)
    const seen: [number, number][] = []
    const worker = async (): Promise<void> => {
      for (let n = left.shift(); n !== undefined; n = left.shift()) seen.push([n, (await run(world, exit(n))).status])
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    assert.deepEqual(
      seen.sort(([one], [other]) => one - other),
      Array.from({ length: 40 }, (_, n) => [n, n]),
    )
    assert.deepEqual(world.left(before.inventory), [])
    await until('the last line to be closed', () => descriptors() === before.open)
    assert.deepEqual([children(), readdirSync(world.state)], [before.children, []])
  },
)

test('a box lives on when another one of the same Node is refused, or killed', options, async () => {
  await using world = new World()
  const before = world.inventory()
  const pids: number[] = []
  const started = (pid: number): void => void pids.push(pid)
  const refused = assert.rejects(run(world, exit(0), '/no/such/directory'), StepFailed) // the others start meanwhile
  const running = [0, 1].map(() => run(world, ['sleep', '1000'], world.base(), { started }))
  await refused
  await until('two boxes', () => pids.length === 2)
  const [one = 0, other = 0] = pids
  process.kill(one, 'SIGKILL')
  assert.equal((await Promise.race(running)).status, 137)
  assert.equal(isAlive(processId(other)), true)
  process.kill(other, 'SIGKILL')
  assert.deepEqual(
    (await Promise.all(running)).map(({ status }) => status),
    [137, 137],
  )
  assert.deepEqual(world.left(before), [])
})

test('signals stay Node’s own when it has many boxes', options, async () => {
  await using world = new World()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const listeners = (): number[] => signals.map((signal) => process.listenerCount(signal))
  const before = listeners()
  const started = (): void => assert.deepEqual(listeners(), before)
  assert.equal((await run(world, exit(3), world.base(), { started })).status, 3)
})
