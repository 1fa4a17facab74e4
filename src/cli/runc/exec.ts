/** `exec`: a process as a file has it, or the container's own with a few things changed. */
import { readFileSync } from 'node:fs'
import { readJson } from '../../oci/json.ts'
import type { Capabilities, Process, User } from '../../oci/spec.ts'
import { parseUser } from '../../oci/user.ts'
import { load } from '../../runtime/container.ts'
import { exec as execIn } from '../../runtime/exec.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'
import { CONSOLE, DESCRIPTORS, startingOf } from './making.ts'
import { count } from './numbers.ts'
import type { Given, Options } from '../options/option.ts'

const PROCESS = {
  cwd: { value: 'DIRECTORY', about: 'where it starts, in the container' },
  env: { short: 'e', value: 'NAME=VALUE', list: true, about: 'one more environment variable' },
  tty: { short: 't', about: 'give it a terminal' },
  user: { short: 'u', value: 'UID[:GID]', about: 'who it is, in numbers' },
  'additional-gids': { short: 'g', value: 'GID', list: true, about: 'one more group' },
  'process-label': { value: 'LABEL', about: 'its SELinux label' },
  apparmor: { value: 'PROFILE', about: 'its AppArmor profile' },
  'no-new-privs': { about: 'it never gets more rights than it has' },
  cap: { short: 'c', value: 'CAPABILITY', list: true, about: 'one more capability' },
} as const satisfies Options

// ts-unused-exports:disable-next-line
export const exec = command({
  usage: '<container-id> COMMAND [ARGUMENT …] | --process FILE <container-id>',
  options: {
    process: { short: 'p', value: 'FILE', about: 'its whole "process", as in config.json' },
    ...PROCESS,
    detach: { short: 'd', about: 'do not wait for its end' },
    ...CONSOLE,
    ...DESCRIPTORS,
    cgroup: { value: 'PATH', about: 'below the container’s cgroup; CONTROLLER:PATH with version 1' },
    'ignore-paused': { about: 'in a paused container, too' },
  },
  extent: 'first',
  words: [1, Infinity],
  run: (given, [id = '', ...args], { settings }) =>
    execIn(settings, id, {
      process:
        given.process === undefined
          ? changed(ownProcess(load(settings, id).state.config), given, args)
          : processIn(given.process),
      ...startingOf(given),
      ...(given.detach !== undefined && { detach: given.detach }),
      ...(given.cgroup !== undefined && { cgroup: given.cgroup }),
      ...(given['ignore-paused'] !== undefined && { ignorePaused: given['ignore-paused'] }),
    }),
})

const ownProcess = (config: unknown): Partial<Process> => (config as { process?: Partial<Process> }).process ?? {}

/** @throws Complaint when the file is not there, or is no JSON. */
function processIn(file: string): Record<string, unknown> {
  try {
    return readJson(readFileSync(file, 'utf8')) as Record<string, unknown>
  } catch (cause) {
    throw new Complaint(`Cannot read the process "${file}": ${(cause as Error).message}`, { cause })
  }
}

/** @throws Complaint, or RangeError of a user, naming what was given. */
export function changed(
  own: Partial<Process>,
  given: Given<typeof PROCESS>,
  [first, ...rest]: readonly string[],
): Record<string, unknown> {
  const args = first === '--' ? rest : [...(first === undefined ? [] : [first]), ...rest]
  if (args.length === 0)
    throw new Complaint('Cannot run nothing: no command was given\n  For example: boxwright-runc exec web-1 sh')
  const { consoleSize: _, ...others } = own
  return {
    ...others,
    args,
    env: [...(own.env ?? []), ...(given.env ?? [])],
    terminal: given.tty === true,
    user: userOf(own.user, given),
    ...(given.cwd !== undefined && { cwd: given.cwd }),
    ...(given['process-label'] !== undefined && { selinuxLabel: given['process-label'] }),
    ...(given.apparmor !== undefined && { apparmorProfile: given.apparmor }),
    ...(given['no-new-privs'] !== undefined && { noNewPrivileges: given['no-new-privs'] }),
    ...(given.cap !== undefined && { capabilities: withMore(own.capabilities, given.cap) }),
  }
}

/** Nobody's files are looked into: names are refused (CVE-2026-30892). */
function userOf(own: User = { uid: 0, gid: 0 }, given: Pick<Given<typeof PROCESS>, 'user' | 'additional-gids'>): User {
  const { user: text } = given
  if (text !== undefined && !/^[-\d:]+$/.test(text))
    throw new Complaint(`Cannot run as "${text}": it is not a number\n  Write numbers: --user 1000, --user 1000:100`)
  const user = text === undefined ? own : { ...own, ...parseUser(text, { passwd: '', group: '' }) }
  const more = (given['additional-gids'] ?? []).map((gid) => count('additional-gids', gid) ?? 0)
  return more.length > 0 ? { ...user, additionalGids: [...(user.additionalGids ?? []), ...more] } : user
}

/** Not in the inheritable set: what the command starts would have it, too (CVE-2022-29162). */
function withMore(own: Partial<Capabilities> = {}, names: readonly string[]): object {
  const sets = ['bounding', 'effective', 'permitted'] as const
  return { ...own, ...Object.fromEntries(sets.map((set) => [set, [...new Set([...(own[set] ?? []), ...names])]])) }
}
