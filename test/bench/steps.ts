/** The native launcher's own word on it: what each step of the measured box has taken. */
import { readMachine } from '../../src/kernel/machine.ts'
import { runBox } from '../../src/launch/whole.ts'
import { plan } from '../../src/plan/plan.ts'
import { symbolic } from '../../src/plan/symbols.ts'
import { specOf, WALLS } from './box.ts'
import type { CallTimes } from './calls.ts'
import type { Place } from './subjects.ts'

export async function runReported({ rootfs }: Pick<Place, 'rootfs'>): Promise<CallTimes[]> {
  const spec = specOf(rootfs, 'bench')
  const { results } = await runBox(spec, WALLS, { id: `bench-${process.pid}` }, readMachine())
  return plan(spec, WALLS, readMachine()).map((step, n) => ({
    step: n + 1,
    lane: step.lane,
    text: symbolic(step).replaceAll(rootfs, 'ROOTFS'),
    microseconds: (results[n]?.nanoseconds ?? NaN) / 1000,
  }))
}
