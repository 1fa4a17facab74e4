/**
 * A container's device rules, worked out: which devices are allowed and no other, or the other way round. Version 1 of cgroups keeps just that, and
 * forgets a rule that it has applied; so what rules mean together is found here, and not left to the order in which a kernel is told.
 */
import type { DeviceRule } from '../../oci/resources.ts'

export interface DeviceList {
  /** Is allowed what no exception is about? */
  allow: boolean
  exceptions: readonly Exception[]
}

/** Without a number it is about all of them. */
export interface Exception {
  type: 'b' | 'c'
  major: number | undefined
  minor: number | undefined
  access: string
}

// #region everybody
/** runC's since 1.2, which took /dev/net/tun from the list: every container may make any device, and open these. They come last, and so win. */
export const EVERYBODYS: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[[1, 3], [1, 5], [1, 7], [1, 8], [1, 9], [5, 0], [5, 2], [136]].map(
    ([major = 0, minor]) => ({
      allow: true,
      type: 'c' as const,
      major,
      ...(minor !== undefined && { minor }),
      access: 'rwm',
    }),
  ),
]
// #endregion everybody

// #region list
/** @throws RangeError of a rule that takes a piece out of a wider one: version 1 has no words for it. */
export function deviceList(rules: readonly DeviceRule[]): DeviceList {
  let list: DeviceList = { allow: false, exceptions: [] }
  for (const rule of rules) {
    if (isAboutAll(rule)) list = { allow: rule.allow, exceptions: [] }
    else
      for (const exception of exceptionsOf(rule))
        list = { ...list, exceptions: change(list, rule, exception) }
  }
  return list
}

const change = (
  { allow, exceptions }: DeviceList,
  rule: DeviceRule,
  exception: Exception,
): Exception[] =>
  rule.allow === allow
    ? exceptions.flatMap((old) => without(old, exception, rule))
    : [
        ...exceptions.filter((old) => !isSame(old, exception)),
        joined(exceptions, exception),
      ]
// #endregion list

const ALL = ['r', 'w', 'm']

/** Also a kernel of version 1 says "a" for them. A rule about all devices, but not about all access, is one for each kind. */
const isAboutAll = ({
  type = 'a',
  major,
  minor,
  access = 'rwm',
}: DeviceRule): boolean =>
  type === 'a' &&
  isAny(major) &&
  isAny(minor) &&
  ALL.every((letter) => access.includes(letter))

/** Those who write -1 mean any, as runC does. */
const isAny = (number: number | undefined): boolean =>
  number === undefined || number < 0

function exceptionsOf({
  type = 'a',
  major,
  minor,
  access = 'rwm',
}: DeviceRule): Exception[] {
  const kinds = type === 'a' ? (['b', 'c'] as const) : [type]
  const one = (number: number | undefined): number | undefined =>
    isAny(number) ? undefined : number
  return kinds.map((type) => ({
    type,
    major: one(major),
    minor: one(minor),
    access,
  }))
}

const isSame = (one: Exception, other: Exception): boolean =>
  one.type === other.type &&
  one.major === other.major &&
  one.minor === other.minor

function joined(exceptions: readonly Exception[], added: Exception): Exception {
  const before = exceptions.find((old) => isSame(old, added))?.access ?? ''
  return {
    ...added,
    access: ALL.filter((letter) =>
      `${before}${added.access}`.includes(letter),
    ).join(''),
  }
}

/** What a rule leaves of an exception. */
function without(
  old: Exception,
  { type, major, minor, access }: Exception,
  rule: DeviceRule,
): Exception[] {
  const meets = (own: number | undefined, other: number | undefined): boolean =>
    own === undefined || other === undefined || own === other
  const covers = (
    own: number | undefined,
    other: number | undefined,
  ): boolean => own === undefined || own === other
  const rest = ALL.filter(
    (letter) => old.access.includes(letter) && !access.includes(letter),
  ).join('')
  const isApart =
    old.type !== type ||
    !meets(old.major, major) ||
    !meets(old.minor, minor) ||
    rest === old.access
  if (isApart) return [old]
  if (covers(major, old.major) && covers(minor, old.minor))
    return rest ? [{ ...old, access: rest }] : []
  throw new RangeError(
    `Cannot set linux.resources.devices to "${JSON.stringify(rule)}": it takes a piece out of "${line(old)}", and cgroup version 1 keeps a list that cannot say so\n  Write the rules so that none is about a part of what another ${rule.allow ? 'denies' : 'allows'}`,
  )
}

/** `c 1:3 rw`; an asterisk is any number. */
export const line = ({ type, major, minor, access }: Exception): string =>
  `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`

/** Rules without the numbers below zero. */
export const plainRules = (rules: readonly DeviceRule[]): DeviceRule[] =>
  rules.map(({ major, minor, ...rule }) => ({
    ...rule,
    ...(major !== undefined && major >= 0 && { major }),
    ...(minor !== undefined && minor >= 0 && { minor }),
  }))
