/** Options that a stage and an image's container have in common, understood: limits, security, the network. */
import type { Asked } from '../oci/defaults.ts'
import type { NetworkWish } from '../oci/network.ts'
import { networkWish } from '../oci/publish.ts'
import { parseBytes, parseCount, parseCpus, parseCpuset, parseThrottle } from '../oci/quantity.ts'
import type { Resources } from '../oci/resources.ts'
import { parseDevice, parseSecurity } from '../oci/security-options.ts'

// #region words
export const confined = (given: Record<string, unknown>): Pick<Asked, 'security' | 'readonly' | 'devices'> => ({
  security: parseSecurity(given),
  readonly: given['read-only'] === true,
  devices: ((given['device'] ?? []) as string[]).map(parseDevice),
})

export function resources(given: Record<string, unknown>): Resources {
  const text = (name: string): string | undefined => given[name] as string | undefined
  const [memory, pids, cpus, cpuset] = ['memory', 'pids', 'cpus', 'cpuset'].map(text)
  const [read, write] = ['read-bps', 'write-bps'].map(text)
  return {
    ...(memory !== undefined && { memory: { limit: parseBytes(memory, 'memory') } }),
    ...(pids !== undefined && { pids: { limit: parseCount(pids, 'pids') } }),
    ...((cpus ?? cpuset) !== undefined && {
      cpu: {
        ...(cpus !== undefined && parseCpus(cpus, 'cpus')),
        ...(cpuset !== undefined && { cpus: parseCpuset(cpuset, 'cpuset') }),
      },
    }),
    ...((read ?? write) !== undefined && {
      blockIO: {
        ...(read !== undefined && { throttleReadBpsDevice: [parseThrottle(read, 'read-bps')] }),
        ...(write !== undefined && { throttleWriteBpsDevice: [parseThrottle(write, 'write-bps')] }),
      },
    }),
  }
}

export function networkIn(given: Record<string, unknown>): Omit<NetworkWish, 'id'> {
  const list = (name: string): string[] => (given[name] as string[] | undefined) ?? []
  const network = given['network'] as string | undefined
  return networkWish({ network, publish: list('publish'), dns: list('dns'), hosts: list('add-host') })
}
// #endregion words
