/** Containers that are asked for, and whoever makes them: what they may is told, and what comes of it is a table. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Creator } from '../../src/box/container/process.ts'
import { capabilityMask, type Capability } from '../../src/kernel/capabilities.ts'
import type { Machine } from '../../src/kernel/machine.ts'
import type { Self } from '../../src/kernel/self.ts'
import { specOfConfig } from '../../src/oci/config.ts'
import type { Wall } from '../../src/plan/plan.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

export type Fields = Record<string, unknown>

const ALL = (1n << 41n) - 1n
export const NONE = Array.from({ length: 16 }, () => -1n)
const root: Self = {
  bounding: ALL,
  effective: ALL,
  limits: NONE,
  oomScoreAdj: 0,
  mayChangeGroups: true,
  nodes: '0-1,3',
}
export const without = (...names: Capability[]): Partial<Self> => ({
  bounding: ALL & ~capabilityMask(names),
  effective: ALL & ~capabilityMask(names),
})
const creator = (self: Partial<Self> = {}): Creator => ({ id: 'c1', bundle: '/b', self: { ...root, ...self } })

const spec = (process: Fields = {}, linux: Fields = {}) =>
  specOfConfig(
    {
      ociVersion: '1.3.0',
      root: { path: '/r' },
      process: { args: ['sh'], cwd: '/', ...process },
      linux: { namespaces: [{ type: 'network' }, { type: 'ipc' }], ...linux },
    },
    { directory: '/b', cgroupsPath: '/c1', hostname: '' },
  )
const users = {
  uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
  gidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
}
export const inUsers: Fields = { namespaces: [{ type: 'user' }], ...users }
const alone = {
  uidMappings: [{ containerID: 0, hostID: 7, size: 1 }],
  gidMappings: [{ containerID: 0, hostID: 7, size: 1 }],
}
export const inOwnUser: Fields = { namespaces: [{ type: 'user' }], ...alone }

export interface Case {
  wall: (creator: Creator) => Wall
  process?: Fields
  linux?: Fields
  self?: Partial<Self>
  machine?: Machine
  steps: string[] | RegExp
}

export const steps = ({ wall, process, linux, self, machine = machines.v2 }: Omit<Case, 'steps'>): string[] =>
  told(wall(creator(self)).steps(spec(process, linux), machine))

export function testCases(cases: Readonly<Record<string, Case>>): void {
  for (const [what, { steps: expected, ...asked }] of Object.entries(cases))
    if (Array.isArray(expected))
      test(`a container has ${expected.length} such steps when it is asked for ${what}`, () =>
        assert.deepEqual(steps(asked), expected))
    else
      test(`a container is refused, and the field named, when it is asked for ${what}`, () =>
        assert.throws(() => steps(asked), { name: 'NotAConfig', message: expected }))
}
