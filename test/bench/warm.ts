import { command } from '../../src/box/command.ts'
import { cgroups } from '../../src/box/cgroups.ts'
import { devices } from '../../src/box/devices.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { network } from '../../src/box/network.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { native } from '../../src/launch/native.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { defaultSeccomp } from '../../src/oci/seccomp-default.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, plan } from '../../src/plan/plan.ts'
const filter = compileSeccomp(defaultSeccomp([])).toString('hex')
console.log(filter.length / 16, 'instructions')
const security = { name: 'x', lesson: 8, steps: () => [box('prctl', [38, 1, 0], ''), box('seccomp', [0, filter], '')] }
const machine = readMachine()
const rootfs = '/tmp/perf/images/base-8e83f626a721'
const walls = [namespaces, network, mounts, devices, security, command]
void cgroups
const N = 200
const times: Record<string, number[]> = {}
const timed = async (name: string, f: () => unknown) => {
  const s = process.hrtime.bigint()
  await f()
  ;(times[name] ??= []).push(Number(process.hrtime.bigint() - s) / 1e6)
}
for (let n = 0; n < N; n++) {
  const spec = defaultSpec({ id: 'warm', rootfs, args: ['/bin/true'] })
  let p = plan(spec, walls, machine)
  await timed('plan', () => (p = plan(spec, walls, machine)))
  await timed('encode', () => encode(p))
  await timed('native', () => native(p, { id: `warm-${n}`, rootfs }))
}
for (const [name, t] of Object.entries(times)) {
  const s = t.slice(50).sort((a, b) => a - b)
  console.log(name, s[0], s[s.length >> 2], s[s.length >> 1], s[Math.floor(s.length * 0.9)])
}
