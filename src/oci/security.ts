/** What a box must not have, as a specification: Docker's defaults where they are good, and ours where the story of escapes says so. */
import type { Capability } from '../kernel/capabilities.ts'
import { HIDDEN, READ_ONLY } from '../kernel/security.ts'
import { deviceRules } from './device-rules.ts'
import { capabilitySets, chosenCapabilities } from './rights.ts'
import { defaultSeccomp } from './seccomp-default.ts'
import type { Seccomp } from './seccomp.ts'
import type { Rlimit } from './rlimits.ts'
import type { Device, Process, Spec } from './spec.ts'

/** What is left out is as it should be. */
export interface Confinement {
  capabilities?: readonly Capability[]
  seccomp?: Seccomp | 'unconfined'
  noNewPrivileges?: boolean
  apparmorProfile?: string
  selinuxLabel?: string
  rlimits?: readonly Rlimit[]
  sysctl?: Readonly<Record<string, string>>
  /** Shows what is hidden otherwise. */
  unmasked?: boolean
}

// #region process
export const confined = ({
  capabilities = chosenCapabilities(),
  noNewPrivileges = true,
  rlimits = [],
  apparmorProfile,
  selinuxLabel,
}: Confinement): Omit<Process, 'args' | 'env' | 'cwd'> => ({
  capabilities: capabilitySets(capabilities),
  noNewPrivileges,
  rlimits,
  ...(apparmorProfile !== undefined && { apparmorProfile }),
  ...(selinuxLabel !== undefined && { selinuxLabel }),
})
// #endregion process

type Kernel = Pick<Spec['linux'], 'seccomp' | 'maskedPaths' | 'readonlyPaths' | 'sysctl' | 'resources'>

// #region kernel
export const guarded = (
  { capabilities = chosenCapabilities(), seccomp, sysctl = {}, unmasked = false }: Confinement,
  devices: readonly Device[],
): Kernel => ({
  ...(seccomp !== 'unconfined' && { seccomp: seccomp ?? defaultSeccomp(capabilities) }),
  maskedPaths: unmasked ? [] : HIDDEN,
  readonlyPaths: unmasked ? [] : READ_ONLY,
  sysctl,
  resources: { devices: deviceRules(devices) },
})
// #endregion kernel
