/**
 * A seccomp profile from a file, as people have them: the OCI's form, and Docker's, which has conditions on its rules. What is not understood is an
 * error, since a rule that is passed over in silence is a door that stands open.
 */
import { readFileSync } from 'node:fs'
import { CAPABILITIES, type Capability } from '../kernel/capabilities.ts'
import { ARCHITECTURE } from '../kernel/syscalls.ts'
import {
  ACTIONS,
  FLAGS,
  OPERATORS,
  type ArgumentRule,
  type Seccomp,
  type SeccompAction,
  type SyscallRule,
} from './seccomp.ts'

// #region read
/** @param capabilities of the box, which Docker's conditions ask for. @throws Error that names the file, the place in it and what is wrong. */
export function readSeccomp(path: string, capabilities: readonly Capability[]): Seccomp {
  try {
    return parseSeccomp(readFileSync(path, 'utf8'), capabilities)
  } catch (error) {
    throw new Error(
      `Cannot use the seccomp profile "${path}": ${(error as Error).message}\n  Its form is that of the OCI runtime specification: config-linux.md, seccomp`,
      { cause: error },
    )
  }
}

export function parseSeccomp(text: string, capabilities: readonly Capability[]): Seccomp {
  const profile = object(JSON.parse(withExactNumbers(text)), 'it')
  const { defaultErrnoRet, architectures, flags, syscalls = [] } = profile
  return {
    defaultAction: actionOf(profile['defaultAction'], 'defaultAction'),
    ...(defaultErrnoRet !== undefined && { defaultErrnoRet: errno(defaultErrnoRet, 'defaultErrnoRet') }),
    ...(architectures !== undefined && { architectures: list(architectures, 'architectures').map(String) }),
    ...(flags !== undefined && {
      flags: list(flags, 'flags').map((flag) => oneOf(flag, Object.keys(FLAGS) as (keyof typeof FLAGS)[], 'flags')),
    }),
    syscalls: list(syscalls, 'syscalls').flatMap((rule, n) =>
      parseRule(object(rule, `syscalls[${n}]`), `syscalls[${n}]`, capabilities),
    ),
  }
}
// #endregion read

type Parts = Record<string, unknown>

/** @returns no rule when Docker's conditions do not hold for this box. */
function parseRule(rule: Parts, where: string, capabilities: readonly Capability[]): SyscallRule[] {
  const { names, name, errnoRet, args, includes = {}, excludes = {} } = rule
  const action = actionOf(rule['action'], `${where}.action`)
  const isMeant =
    holds(object(includes, `${where}.includes`), 'every', capabilities, where) &&
    !holds(object(excludes, `${where}.excludes`), 'some', capabilities, where)
  if (!isMeant) return []
  return [
    {
      names: list(names ?? [name], `${where}.names`).map(String),
      action,
      ...(errnoRet !== undefined && { errnoRet: errno(errnoRet, `${where}.errnoRet`) }),
      ...(args !== undefined &&
        args !== null && {
          args: list(args, `${where}.args`).map((arg, n) => parseArgument(object(arg, where), `${where}.args[${n}]`)),
        }),
    },
  ]
}

/** Docker's: all that a rule includes has to be so, and nothing that it excludes. Every kernel that we run on is new enough. */
function holds(conditions: Parts, how: 'every' | 'some', capabilities: readonly Capability[], where: string): boolean {
  const caps = list(conditions['caps'] ?? [], `${where} caps`).map((name) =>
    capabilities.includes(oneOf(name, CAPABILITIES, `${where} caps`)),
  )
  const arches = list(conditions['arches'] ?? [], `${where} arches`).map(String)
  const here = arches.length === 0 ? [] : [arches.includes(ARCHITECTURE === 'aarch64' ? 'arm64' : 'amd64')]
  return [...caps, ...here][how](Boolean)
}

function parseArgument(arg: Parts, where: string): ArgumentRule {
  const index = Number(arg['index'])
  if (!Number.isInteger(index) || index < 0 || index > 5)
    throw new Error(`${where}.index is not one of the six arguments, 0 to 5`)
  const { valueTwo } = arg
  return {
    index,
    value: bits(arg['value'], `${where}.value`),
    ...(valueTwo !== undefined && { valueTwo: bits(valueTwo, `${where}.valueTwo`) }),
    op: oneOf(arg['op'], OPERATORS, `${where}.op`),
  }
}

/** A JSON number of more than fifteen digits would be rounded, and an argument has 64 bits: such numbers are read as text. */
const withExactNumbers = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, (token) => (token.startsWith('"') ? token : `"${token}"`))

function bits(value: unknown, where: string): bigint {
  const written = String(value)
  if (!/^\d+$/.test(written) || BigInt(written) >= 1n << 64n) throw new Error(`${where} is not a number of 64 bits`)
  return BigInt(written)
}

/** Who is notified has to be there before the filter is, and a box has nobody. */
function actionOf(value: unknown, where: string): SeccompAction {
  const action = oneOf(value, Object.keys(ACTIONS) as SeccompAction[], where)
  if (action === 'SCMP_ACT_NOTIFY') throw new Error(`${where} is "${action}", and nobody listens here`)
  return action
}

function errno(value: unknown, where: string): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 4095) return Number(value)
  throw new Error(`${where} is not an errno, 0 to 4095`)
}

function oneOf<T extends string>(value: unknown, known: readonly T[], where: string): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Error(`${where} is ${JSON.stringify(value)}, and not one of ${known.join(', ')}`)
  return found
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} is not a list`)
  return value
}

function object(value: unknown, where: string): Parts {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where} is not an object`)
  return value as Parts
}
