/** What a fuzzer begins with: each stage's plan on every kind of machine, and plans drawn by lot with all calls in them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { ownUsers } from '../../lessons/06-users/stage.ts'
import { ownNetwork } from '../../lessons/07-network/stage.ts'
import { security } from '../../lessons/08-security/stage.ts'
import type { CallName } from '../../src/plan/calls.ts'
import { encode, TAKES } from '../../src/plan/encode.ts'
import { planOf, specOf } from '../../src/workshop/run-stage.ts'
import { machines } from '../pure/machines.ts'
import { drawnFrom } from '../pure/random.ts'
import { randomPlan } from './random-plan.ts'

const STAGES = [chroot, namespaces, mounts, cgroups, threads, ownUsers, ownNetwork, security]
const ASKED = { id: 'seed', rootfs: '/rootfs', args: ['sh', '-c', 'true'] }
const CALLS = Object.keys(TAKES) as CallName[]
const WORDS = {
  texts: ['', '/', '/proc/{box}/uid_map', '/proc/sys/net/x', 'boxwright', '{box}{box}'],
  host: CALLS,
  box: CALLS,
}

export function writeSeeds(directory: string): void {
  const random = drawnFrom(5)
  for (const stage of STAGES)
    for (const [name, machine] of Object.entries(machines))
      write(`${stage.name}-${name}`, encode(planOf(stage, specOf(stage, ASKED, machine), machine)))
  for (let n = 0; n < 300; n += 1) write(`random-${n}`, encode(randomPlan(random, WORDS, ['true'])))

  function write(name: string, bytes: Buffer): void {
    writeFileSync(join(directory, name), bytes)
  }
}
