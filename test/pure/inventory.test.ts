import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { differences, inventory, type Inventory } from '../../src/kernel/inventory.ts'

const host: Inventory = { mounts: ['/ (ext4)', '/proc'], cgroups: ['/cg'], interfaces: ['lo'], processes: ['1'] }

const CHANGES: [what: string, after: Partial<Inventory>, lines: string[]][] = [
  ['nothing changed', {}, []],
  ['the order changed', { mounts: ['/proc', '/ (ext4)'] }, []],
  ['a mount is left', { mounts: [...host.mounts, '/x'] }, ['left: mount /x']],
  ['a mount is gone', { mounts: ['/proc'] }, ['gone: mount / (ext4)']],
  ['a cgroup is another', { cgroups: ['/other'] }, ['left: cgroup /other', 'gone: cgroup /cg']],
  ['an interface is left', { interfaces: ['lo', 'veth0'] }, ['left: interface veth0']],
  ['a process is left', { processes: ['1', '99'] }, ['left: process 99']],
  ['a process is gone, as processes are', { processes: [] }, []],
]
for (const [what, after, lines] of CHANGES)
  test(`differences gives ${lines.join(', ') || 'nothing'} when ${what}`, () => {
    assert.deepEqual(differences(host, { ...host, ...after }), lines)
  })

test('inventory finds mounts, interfaces and cgroups of this machine, and the processes that carry the mark', async (t) => {
  const mark = `INVENTORY_TEST_${process.pid}`
  assert.deepEqual(inventory(mark).processes, [])
  const child = spawn('sh', ['-c', 'echo ready; read _'], { env: { [mark]: '1' }, stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const found = inventory(mark)
  assert.deepEqual(found.processes, [String(child.pid)])
  assert.deepEqual(found.interfaces, readdirSync('/sys/class/net'))
  assert.ok(found.mounts.some((mount) => /^\/proc \(proc, \S+, #\d+\)$/.test(mount)))
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  const tops = lines.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4] ?? '')
  assert.deepEqual(
    tops.filter((top) => !found.cgroups.includes(top)),
    [],
  )
})
