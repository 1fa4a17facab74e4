/** The words of a command line that are about security, as Docker spells them. */
import { statSync } from 'node:fs'
import { chosenCapabilities } from './rights.ts'
import { parseRlimit } from './rlimits.ts'
import { readSeccomp } from './seccomp-file.ts'
import type { Confinement } from './security.ts'
import type { Device } from './spec.ts'

export interface SecurityWords {
  'cap-add'?: readonly string[]
  'cap-drop'?: readonly string[]
  'security-opt'?: readonly string[]
  ulimit?: readonly string[]
  sysctl?: readonly string[]
}

// #region security
/** @throws RangeError, or Error of a profile, naming what was given. */
export function parseSecurity(words: SecurityWords): Confinement {
  const capabilities = chosenCapabilities(words['cap-add'], words['cap-drop'])
  const options = (words['security-opt'] ?? []).map((word) => parseOption(word, capabilities))
  return {
    capabilities,
    ...(Object.assign({}, ...options) as Confinement),
    rlimits: (words.ulimit ?? []).map(parseRlimit),
    sysctl: Object.fromEntries((words.sysctl ?? []).map(parseSysctl)),
  }
}

/** `seccomp=FILE`, `apparmor=PROFILE`, `label=LABEL`, `no-new-privileges=false`, `systempaths=unconfined`; a colon will do for the sign. */
function parseOption(word: string, capabilities: NonNullable<Confinement['capabilities']>): Confinement {
  const [, name = word, value = ''] = /^([\w-]+)[=:](.+)$/.exec(word) ?? []
  if (name === 'seccomp' && value === 'unconfined') return { seccomp: 'unconfined' }
  if (name === 'seccomp' && value) return { seccomp: readSeccomp(value, capabilities) }
  if (name === 'apparmor' && value) return { apparmorProfile: value }
  if (name === 'label' && value) return { selinuxLabel: value }
  if (name === 'no-new-privileges' && ['', 'true', 'false'].includes(value))
    return { noNewPrivileges: value !== 'false' }
  if (name === 'systempaths' && value === 'unconfined') return { unmasked: true }
  throw new RangeError(
    `Cannot take the security option "${word}": it is none\n  Known are seccomp=FILE or unconfined, apparmor=PROFILE, label=LABEL, no-new-privileges=false, systempaths=unconfined`,
  )
}
// #endregion security

function parseSysctl(word: string): [key: string, value: string] {
  const at = word.indexOf('=')
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)]
  throw new RangeError(`Cannot set sysctl "${word}": it has no value\n  Write net.ipv4.ip_forward=1`)
}

// #region device
/** `/dev/fuse`, `/dev/fuse:rw`: a device of the host's, for the box. @throws RangeError when it is none, or not of characters. */
export function parseDevice(word: string): Device {
  const [, path = word, access = 'rwm'] = /^(.+):([rwm]+)$/.exec(word) ?? []
  const stats = statSync(path, { throwIfNoEntry: false })
  const remedy = 'Name a character device and, if need be, what may be done with it: /dev/fuse, /dev/fuse:rw'
  if (!path.startsWith('/dev/')) throw new RangeError(`Cannot give device "${word}": it is not in /dev\n  ${remedy}`)
  if (!stats?.isCharacterDevice())
    throw new RangeError(
      `Cannot give device "${word}": "${path}" is ${stats ? 'no character device' : 'not there'}\n  ${remedy}`,
    )
  const { major, minor } = {
    major: (stats.rdev >> 8) & 0xfff,
    minor: (stats.rdev & 0xff) | ((stats.rdev >> 12) & 0xfff00),
  }
  return { path, type: 'c', major, minor, fileMode: stats.mode & 0o777, access }
}
// #endregion device
