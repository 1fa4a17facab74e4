/**
 * Lesson 13. What a profile means for programs of 32 bits, whose registers are half as wide. A filter that has never heard of their calls kills them; one
 * that allows them has to know a second way to many of them.
 */
import { IPC, SOCKETCALL } from '../../kernel/syscalls-32.ts'
import type { ArgumentRule, Seccomp, SyscallRule } from '../../oci/seccomp.ts'

// #region narrowed
/** Registers of 32 bits; and x86 has calls that stand for many, whose first argument says for which. */
export function narrowed(profile: Seccomp, table: 'x86' | 'arm'): Seccomp {
  const halved = (profile.syscalls ?? []).map((rule) => ({
    ...rule,
    ...(rule.args && { args: rule.args.map(lowerHalf) }),
  }))
  return {
    ...profile,
    syscalls: table === 'x86' ? halved.flatMap(alsoByMany) : halved,
  }
}

const lowerHalf = ({
  value,
  valueTwo,
  ...arg
}: ArgumentRule): ArgumentRule => ({
  ...arg,
  value: BigInt.asUintN(32, value),
  ...(valueTwo !== undefined && { valueTwo: BigInt.asUintN(32, valueTwo) }),
})

/** What is asked of other arguments can not be seen there: they are in memory. */
function alsoByMany(rule: SyscallRule): SyscallRule[] {
  if (rule.args && rule.args.length > 0) return [rule]
  const by = (many: string, which: (name: string) => bigint | undefined) =>
    rule.names.flatMap((name) => {
      const value = which(name)
      return value === undefined ? [] : [{ ...rule, ...first(many, value) }]
    })
  return [
    rule,
    ...by('socketcall', (name) => {
      const at = SOCKETCALL.indexOf(name)
      return at < 0 ? undefined : BigInt(at + 1)
    }),
    ...by('ipc', (name) => IPC[name]),
  ]
}

const first = (name: string, valueTwo: bigint) => ({
  names: [name],
  args: [
    { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0xffffn, valueTwo },
  ] as const,
})
// #endregion narrowed
