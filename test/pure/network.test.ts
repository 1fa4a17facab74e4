/** What a plan says of a network, on machines of every kind, and what a box is told of names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { names } from '../../src/box/names.ts'
import { network } from '../../src/box/network.ts'
import { readResolver } from '../../src/kernel/resolver.ts'
import { defaultSpec, type Asked } from '../../src/oci/defaults.ts'
import type { Spec } from '../../src/oci/spec.ts'
import { box, BOX, plan } from '../../src/plan/plan.ts'
import { symbolic } from '../../src/plan/symbols.ts'
import { machines } from './machines.ts'

const specWith = (wish: NonNullable<Asked['network']>, hostname = 'box'): Spec =>
  defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], hostname, namespaces: ['user', 'network'], network: wish })

const theirs = { ...machines.none, network: { ours: false, resolver: [] } }
const HTTP = { hostPort: 8080, containerPort: 80, protocol: 'tcp' }

test('a box gets a network and its loopback, and nothing else, when nothing is asked for', () => {
  assert.deepEqual(
    network.steps(specWith({}), machines.none).map((step) => symbolic({ ...step, lesson: 7 })),
    ['unshare(CLONE_NEWNET)', 'netlink(NETLINK_ROUTE, RTM_NEWLINK, 0)'],
  )
})

test('a box gets no network of its own when it is to have the host’s', () => {
  const spec = specWith({ network: 'host' })
  assert.deepEqual(network.steps(spec, machines.none), [])
  assert.ok(!spec.linux.namespaces.some(({ type }) => type === 'network'))
})

for (const [what, machine] of [
  ['cni', machines.none],
  ['user-mode', theirs],
] as const)
  test(`the host is asked for ${what} once the box is there, and to take it back, when a port is published`, () => {
    const walls = [network, { name: 'x', lesson: 1, steps: () => [box('execvpe', ['sh', ['sh'], []], '')] }]
    const steps = plan(specWith({ network: 'bridge', ports: [HTTP] }), walls, machine)
    assert.deepEqual(
      steps.map(({ lane, call }) => `${lane} ${call}`),
      ['box unshare', 'box netlink', 'host ask', 'box execvpe'],
    )
    const ask = steps[2]
    assert.ok(ask?.call === 'ask' && ask.undo?.call === 'ask')
    assert.ok(ask.args[1].includes(BOX) && !ask.undo.args[1].includes(BOX))
    assert.equal(ask.args[0], what)
    assert.deepEqual(JSON.parse(ask.args[1]), {
      command: 'ADD',
      netns: '/proc/{box}/ns/net',
      ports: [HTTP],
      network: 'bridge',
      id: 'x',
    })
    assert.deepEqual(JSON.parse(ask.undo.args[1]), { command: 'DEL', network: 'bridge', id: 'x' })
  })

/** By file, what the wall writes. */
const written = (spec: Spec): Record<string, string> =>
  Object.fromEntries(
    names
      .steps(spec, machines.none)
      .flatMap(({ call, args }) => (call === 'write' ? [[args[0].replace('/dev/shm/', ''), args[1]] as const] : [])),
  )

test('a box asks whom its machine asks when it has a way out, and nobody when it has none', () => {
  assert.equal(written(specWith({ network: 'bridge' }))['resolv.conf'], 'nameserver 192.0.2.53\n')
  assert.equal(written(specWith({}))['resolv.conf'], '')
  assert.equal(written(specWith({ nameservers: ['192.0.2.1'] }))['resolv.conf'], 'nameserver 192.0.2.1\n')
})

test('a box knows its own name and those that it is told', () => {
  const { hosts, hostname } = written(specWith({ hosts: [{ name: 'db', address: '10.1.2.3' }] }, 'here'))
  assert.equal(hosts, '127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 here\n10.1.2.3 db\n')
  assert.equal(hostname, 'here\n')
})

test('nothing is written in the root file system, and only empty files are taken away there', () => {
  for (const { call, args, undo } of names.steps(specWith({}), machines.none)) {
    if (call === 'write') assert.match(args[0], /^\/dev\/shm\//)
    if (undo) assert.deepEqual([undo.call, undo.args[1], undo.shared], ['unlink_empty', '/r', true])
  }
})

const STUB = '# stub\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch example.net\n'
const RESOLVERS: [what: string, texts: string[], lines: string[]][] = [
  ['it names another machine', ['nameserver 192.0.2.1\n'], ['nameserver 192.0.2.1']],
  [
    'a stub listens on this one, and says whom it asks',
    [STUB, 'nameserver 192.0.2.1\nnameserver 2001:db8::1\nsearch example.net\n'],
    ['nameserver 192.0.2.1', 'nameserver 2001:db8::1', 'search example.net'],
  ],
  ['one of two is this machine', ['nameserver ::1\nnameserver 192.0.2.1\n; x\n'], ['nameserver 192.0.2.1']],
  ['only this machine is named', [STUB, ''], []],
  ['there is no file', ['', ''], []],
]
for (const [what, texts, lines] of RESOLVERS)
  test(`readResolver keeps what a box can use when ${what}`, () => assert.deepEqual(readResolver(texts), lines))
