/**
 * A program: runs one stage as often as its plan has steps, each time with another step that the kernel refuses, and prints a line of JSON for
 * each. It is bundled, as the command itself is, and started in a mount namespace of its own.
 */
import { differences, inventory } from '../../src/kernel/inventory.ts'
import { environmentOf } from '../../src/kernel/proc.ts'
import { runStage } from '../../src/workshop/run-stage.ts'
import type { Plan, Step } from '../../src/plan/plan.ts'
import type { Stage } from '../../src/workshop/stage.ts'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'

const MARK = 'BOXWRIGHT_BOX'
const [lesson, rootfs = ''] = process.argv.slice(2)
const stage = [chroot, namespaces, mounts, cgroups].find((one) => String(one.lesson) === lesson)

/** Whatever the step would have left has to be undone nevertheless. Bit 0 is none of unshare's flags: unshare(2), EINVAL. */
const broken = (step: Step): Step =>
  step.call === 'unshare'
    ? { ...step, args: [step.args[0] | 1] }
    : ({ ...step, call: 'chdir', args: ['/no/such/directory'], fine: [] } as unknown as Step)

async function sabotage(stage: Stage, index: number): Promise<boolean> {
  const before = inventory(MARK)
  let text = ''
  let id = ''
  const change = (steps: Plan, spec: { linux: { cgroupsPath: string } }): Plan => {
    text = String(steps[index]?.call)
    id = spec.linux.cgroupsPath.slice('/boxwright-'.length)
    return steps.map((step, n) => (n === index ? broken(step) : step))
  }
  let steps = 0
  const complaint = await runStage(stage, { rootfs, args: ['true'], change, show: ({ length }) => (steps = length) })
    .then((status) => `it ended with ${status}`)
    .catch((error: unknown) => String(error))
  const left = differences(before, inventory(MARK)).filter((line) => isOf(id, line))
  console.log(JSON.stringify({ index, text, complaint, left }))
  return index + 1 < steps
}

/** Other boxes come and go on the machine meanwhile. */
function isOf(id: string, line: string): boolean {
  const [, kind, name = ''] = /^\w+: (\w+) (.*)$/.exec(line) ?? []
  if (kind === 'process') return environmentOf(Number(name)).includes(`${MARK}=${id}`)
  return kind !== 'cgroup' || name.includes(id)
}

for (let index = 0; stage && (await sabotage(stage, index)); index += 1);
