/** Lesson 13. Of which nodes a process gets its memory, where a machine has several: numa(7), set_mempolicy(2). */
import type { Self } from '../../kernel/self.ts'
import { NotAConfig } from '../../oci/rule.ts'
import { MEMORY_FLAGS, MEMORY_MODES } from '../../oci/scheduling.ts'
import type { Spec } from '../../oci/spec.ts'
import { box, type Draft } from '../../plan/plan.ts'
import { parseCpuList } from './cpu-list.ts'

// #region policy
/** @throws NotAConfig of a node that this machine does not have. */
export function memoryPolicy({ linux }: Spec, { nodes }: Self): Draft[] {
  const { memoryPolicy: policy } = linux
  if (policy === undefined) return []
  const field = 'linux.memoryPolicy'
  const remedy = 'See which there are: cat /sys/devices/system/node/online'
  if (nodes === undefined)
    throw new NotAConfig(
      field,
      'is there, and this kernel was built without nodes of memory',
      'Leave it out',
    )
  const wanted = parseCpuList(policy.nodes ?? '')
  const missing = wanted.find((node) => !parseCpuList(nodes).includes(node))
  if (missing !== undefined)
    throw new NotAConfig(
      `${field}.nodes`,
      `has ${missing} in it, and this machine has ${nodes}`,
      remedy,
    )
  const mode = (policy.flags ?? []).reduce<number>(
    (all, flag) => all | MEMORY_FLAGS[flag],
    MEMORY_MODES[policy.mode],
  )
  return [
    box('set_mempolicy', [mode, wanted], 'memory of these nodes, and how'),
  ]
}
// #endregion policy
