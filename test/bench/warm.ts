import { runBox } from '../../src/launch/whole.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { specOf, WALLS } from './box.ts'
import { clocked } from './clock.ts'
import { native } from '../../src/launch/native.ts'
import { openLedger } from '../../src/launch/ledger.ts'
import { plan } from '../../src/plan/plan.ts'
const machine = readMachine()
const rootfs = '/tmp/perf/images/base-8e83f626a721'
const N = Number(process.argv[2])
const times: Record<string, number[]> = {}
const timed = async (name: string, f: () => unknown) => {
  const s = process.hrtime.bigint()
  await f()
  ;(times[name] ??= []).push(Number(process.hrtime.bigint() - s) / 1e6)
}
const bare = {
  file: '/tmp/perf/net/bare',
  args: [
    'bare',
    rootfs,
    String(0x20000 | 0x4000000 | 0x8000000 | 0x2000000 | 0x40000000),
    '/tmp/perf/net/filter',
    '/bin/true',
  ],
}
for (let n = 0; n < N; n++) {
  const spec = specOf(rootfs, 'warm', true)
  const p = plan(spec, WALLS, machine)
  await timed('bare', () => clocked(bare))
  await timed('runBox', () => runBox(spec, WALLS, { id: `warm-${n}` }, machine))
  await timed('native', () => native(p, { id: `warm-${n}`, rootfs }))
  await timed('ledger', () => {
    using l = openLedger(p, { id: `warm-${n}`, rootfs })
    l.first = 1e6
  })
}
for (const [name, t] of Object.entries(times)) {
  const s = t.slice(30).sort((a, b) => a - b)
  console.log(name.padEnd(12), [0, 0.1, 0.25, 0.5, 0.9].map((q) => s[Math.floor(q * s.length)]!.toFixed(3)).join(' '))
}
