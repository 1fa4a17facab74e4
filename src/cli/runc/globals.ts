/** What is said before the command: where containers are kept, where to complain. */
import { resolve } from 'node:path'
import { defaultRoot, type Settings } from '../../runtime/settings.ts'
import { Complaint } from '../../workshop/complaint.ts'
import type { Log } from './log.ts'
import type { Given, Options } from '../options/option.ts'

export const PROGRAM = 'boxwright-runc'

export const GLOBALS = {
  root: { value: 'DIRECTORY', about: 'where containers are kept; best in memory (default: /run/boxwright-runc)' },
  log: { value: 'FILE', about: 'write errors to this file (default: standard error)' },
  'log-format': { value: 'FORMAT', about: 'text or json (default: text)' },
  'log-level': { value: 'LEVEL', about: 'error, warning or debug (default: error)' },
  debug: { about: 'log what is done' },
  'systemd-cgroup': { about: 'ask systemd for cgroups; cgroupsPath is slice:prefix:name then' },
  'cgroup-manager': { value: 'MANAGER', about: 'cgroupfs or systemd, in the place of --systemd-cgroup' },
  rootless: {
    value: 'MODE',
    about: 'go on without cgroups where they are not ours: true, false or auto (default: auto)',
  },
  criu: { value: 'FILE', about: 'the program for checkpoint and restore (default: criu)' },
  version: { short: 'v', about: 'print the version' },
  help: { short: 'h', about: 'print this' },
} as const satisfies Options

export type Globals = Given<typeof GLOBALS>

/** The first thing that is known, as everything that is wrong from there on is told there. @throws Complaint */
export const logOf = (given: Globals): Log => ({
  file: given.log === '' ? undefined : given.log,
  format: oneOf('log-format', given['log-format'] ?? 'text', ['text', 'json']),
  debug:
    given.debug === true ||
    oneOf('log-level', given['log-level'] ?? 'error', ['error', 'warning', 'info', 'debug']) === 'debug',
})

/** @throws Complaint */
export const settingsOf = (given: Globals): Settings => ({
  root: resolve(given.root ?? defaultRoot()),
  systemdCgroup:
    given['systemd-cgroup'] === true ||
    oneOf('cgroup-manager', given['cgroup-manager'] ?? 'cgroupfs', ['cgroupfs', 'systemd']) === 'systemd',
  rootless: oneOf('rootless', given.rootless ?? 'auto', ['true', 'false', 'auto']),
})

export function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text)
  if (found !== undefined) return found
  throw new Complaint(`Cannot set --${name} to "${text}": it is none of ${known.join(', ')}`)
}
