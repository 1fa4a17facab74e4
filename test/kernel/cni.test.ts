/** Boxwright's CNI plugins beside those of the CNI project: the same protocol, the same results, the same leases; and another client's calls. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readRoutes } from '../../src/kernel/interfaces.ts'
import { addressesOf, inside, linkNamed } from '../../src/network/plugins/namespace.ts'
import { enterOwnNetwork, Neighbour, skipWithoutPlugins, state } from './network-ground.ts'
import { skipWithoutRoot } from './world.ts'

const OURS = fileURLToPath(new URL('../../src/cli/cni', import.meta.url))
const THEIRS = '/usr/lib/cni'

const skip = skipWithoutRoot || enterOwnNetwork()
const skipTheirs = skip || skipWithoutPlugins
const cnitool = spawnSync('sh', ['-c', 'command -v cnitool'], { encoding: 'utf8' }).stdout.trim()
const skipTool =
  skip || (cnitool ? false : 'there is no cnitool (go install github.com/containernetworking/cni/cnitool@v1.1.2)')

const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-cni-'))
after(() => fs.rmSync(place, { recursive: true }))

interface Answer {
  status: number | null
  json: Record<string, unknown>
}

/** As any runtime would: the environment, and a configuration on standard input. */
function call(directory: string, type: string, config: object | string, variables: Record<string, string>): Answer {
  const { status, stdout } = spawnSync(join(directory, type), {
    env: { PATH: process.env['PATH'], CNI_PATH: directory, CNI_CONTAINERID: 'box', CNI_IFNAME: 'eth0', ...variables },
    input: typeof config === 'string' ? config : JSON.stringify({ cniVersion: '1.0.0', name: 'net', ...config }),
    encoding: 'utf8',
  })
  return { status, json: stdout.trim() ? (JSON.parse(stdout) as Answer['json']) : {} }
}

const bridgeConfig = (name: string): object => ({
  type: 'bridge',
  bridge: name,
  isGateway: true,
  isDefaultGateway: true,
  ipMasq: false,
  hairpinMode: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.65.0.0/29' }]], dataDir: join(place, `leases-${name}`) },
})

/** What differs by chance: hardware addresses and the names of cables. */
const shape = (answer: Answer, netns: string): unknown =>
  JSON.parse(
    JSON.stringify(answer.json)
      .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC')
      .replace(/veth[0-9a-f]{8}/g, 'VETH')
      .replaceAll(netns, 'NETNS')
      .replace(/"br[ab]"/g, '"BRIDGE"'),
  )

/** A network namespace that nothing is connected to. */
async function room(): Promise<{ netns: string } & AsyncDisposable> {
  const process = await new Neighbour().connect()
  return { netns: `/proc/${process.pid}/ns/net`, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
}

const insideOf = (netns: string): unknown =>
  inside(netns, () => {
    const eth0 = linkNamed('eth0')
    return {
      up: eth0?.up,
      addresses: eth0 && addressesOf(eth0).filter((address) => !address.startsWith('fe80')),
      routes: readRoutes()
        .filter(({ index, to }) => index === eth0?.index && !to.startsWith('fe80'))
        .map(({ to, via }) => [to, via]),
    }
  })

test('a box gets the same from both bridges when their configuration is the same', { skip: skipTheirs }, async () => {
  const seen: unknown[] = []
  for (const [directory, name] of [
    [THEIRS, 'bra'],
    [OURS, 'brb'],
  ] as const) {
    await using box = await room()
    const before = state()
    const ask = (command: string, more: object = {}): Answer =>
      call(directory, 'bridge', { ...bridgeConfig(name), ...more }, { CNI_COMMAND: command, CNI_NETNS: box.netns })
    const added = ask('ADD')
    const prevResult = added.json
    const checked = ask('CHECK', { prevResult })
    const [its, bridge] = [insideOf(box.netns), linkNamed(name)]
    const gateway = bridge && addressesOf(bridge).filter((address) => !address.startsWith('fe80'))
    const deleted = [ask('DEL', { prevResult }), ask('DEL', { prevResult })]
    const again = ask('CHECK', { prevResult })
    assert.deepEqual(state().tables, before.tables)
    seen.push({
      added: shape(added, box.netns),
      statuses: [added, checked, ...deleted, again].map(({ status }) => status),
      its,
      gateway,
      left: inside(box.netns, () => linkNamed('eth0')),
    })
  }
  assert.deepEqual(seen[1], seen[0])
})

test(
  'the cable is gone when it is taken away after its namespace, which the kernel may still have',
  { skip },
  async () => {
    await using box = await room()
    const ask = (command: string, netns: string, more: object = {}): Answer =>
      call(OURS, 'bridge', { ...bridgeConfig('brd'), ...more }, { CNI_COMMAND: command, CNI_NETNS: netns })
    const added = ask('ADD', box.netns)
    const [, outer] = added.json['interfaces'] as { name: string }[]
    assert.ok(linkNamed(outer?.name ?? ''))
    assert.equal(ask('DEL', '', { prevResult: added.json }).status, 0)
    assert.equal(linkNamed(outer?.name ?? ''), undefined)
    assert.ok(linkNamed('brd'), 'the bridge is for others, too')
  },
)

test(
  'an address is free for one host-local when the other has freed it, and kept when it has not',
  { skip: skipTheirs },
  () => {
    const ipam = { type: 'host-local', ranges: [[{ subnet: '10.66.0.0/29' }]], dataDir: join(place, 'both') }
    const ask = (directory: string, command: string, id: string): unknown =>
      (
        call(
          directory,
          'host-local',
          { type: 'bridge', ipam },
          { CNI_COMMAND: command, CNI_CONTAINERID: id, CNI_NETNS: '/x' },
        ).json['ips'] as { address: string }[] | undefined
      )?.[0]?.address
    const given = ['a', 'b', 'c', 'd', 'e'].map((id, n) => ask(n % 2 ? OURS : THEIRS, 'ADD', id))
    assert.deepEqual(given, ['10.66.0.2/29', '10.66.0.3/29', '10.66.0.4/29', '10.66.0.5/29', '10.66.0.6/29'])
    assert.equal(ask(OURS, 'ADD', 'f'), undefined)
    assert.equal(ask(THEIRS, 'ADD', 'f'), undefined)
    ask(OURS, 'DEL', 'a')
    assert.equal(ask(THEIRS, 'ADD', 'g'), '10.66.0.2/29')
    ask(THEIRS, 'DEL', 'b')
    assert.equal(ask(OURS, 'ADD', 'h'), '10.66.0.3/29')
  },
)

test('no address is given twice when many ask at once', { skip }, async () => {
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.67.0.0/28' }]], dataDir: join(place, 'many') }
  const { spawn } = await import('node:child_process')
  const ask = (id: number): Promise<string> =>
    new Promise((resolve) => {
      const child = spawn(join(OURS, 'host-local'), {
        env: {
          PATH: process.env['PATH'],
          CNI_PATH: OURS,
          CNI_COMMAND: 'ADD',
          CNI_CONTAINERID: `b${id}`,
          CNI_IFNAME: 'eth0',
          CNI_NETNS: '/x',
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
      child.on('close', () => resolve((JSON.parse(text) as { ips: { address: string }[] }).ips[0]?.address ?? ''))
      child.stdin.end(JSON.stringify({ cniVersion: '1.0.0', name: 'net', type: 'bridge', ipam }))
    })
  const given = await Promise.all(Array.from({ length: 8 }, (_, n) => ask(n)))
  assert.equal(new Set(given).size, 8, given.join(', '))
})

const REFUSED: [what: string, config: object | string, variables: Record<string, string>, code: number][] = [
  ['there is no such command', {}, { CNI_COMMAND: 'GIVE' }, 4],
  ['there is no namespace', {}, { CNI_COMMAND: 'ADD', CNI_NETNS: '' }, 4],
  ['there is no container', {}, { CNI_COMMAND: 'ADD', CNI_NETNS: '/x', CNI_CONTAINERID: '' }, 4],
  ['the configuration is not JSON', '{', { CNI_COMMAND: 'ADD', CNI_NETNS: '/x' }, 6],
  ['the version is unknown', { cniVersion: '9.0.0' }, { CNI_COMMAND: 'ADD', CNI_NETNS: '/x' }, 1],
]
for (const [what, config, variables, code] of REFUSED)
  test(`a plugin prints an error with code ${code} and ends with 1 when ${what}`, { skip }, () => {
    const own = call(OURS, 'bridge', config, variables)
    assert.equal(own.status, 1)
    assert.equal(own.json['code'], code)
    assert.equal(typeof own.json['msg'], 'string')
    assert.equal(own.json['cniVersion'], '1.0.0')
  })

test('every plugin tells the versions that it speaks when it is asked', { skip }, () => {
  for (const name of fs.readdirSync(OURS)) {
    const { status, json } = call(OURS, name, {}, { CNI_COMMAND: 'VERSION' })
    assert.deepEqual([status, json['supportedVersions']], [0, ['0.3.0', '0.3.1', '0.4.0', '1.0.0']], name)
  }
})

test('loopback is set up by both plugins when it is down', { skip: skipTheirs }, async () => {
  for (const directory of [THEIRS, OURS]) {
    await using box = await room()
    const ask = (command: string): Answer =>
      call(
        directory,
        'loopback',
        { type: 'loopback' },
        { CNI_COMMAND: command, CNI_NETNS: box.netns, CNI_IFNAME: 'lo' },
      )
    assert.equal(
      inside(box.netns, () => linkNamed('lo')?.up),
      false,
    )
    assert.equal(ask('ADD').status, 0)
    assert.equal(
      inside(box.netns, () => linkNamed('lo')?.up),
      true,
    )
  }
})

test("cnitool's ADD, CHECK and DEL are answered by Boxwright's plugins", { skip: skipTool }, async () => {
  await using box = await room()
  const before = state()
  const plugins = [bridgeConfig('brc'), { type: 'portmap', capabilities: { portMappings: true } }]
  fs.writeFileSync(join(place, 'net.conflist'), JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins }))
  const tool = (verb: string): string => {
    const env = {
      PATH: process.env['PATH'],
      CNI_PATH: OURS,
      NETCONFPATH: place,
      CAP_ARGS: JSON.stringify({ portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] }),
    }
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [
        '--mount',
        'sh',
        '-c',
        `mkdir -p ${place}/cni && mkdir -p /var/lib/cni && mount --bind ${place}/cni /var/lib/cni && exec ${cnitool} ${verb} net ${box.netns}`,
      ],
      { env, encoding: 'utf8' },
    )
    assert.equal(status, 0, stderr)
    return stdout
  }
  assert.match(tool('add'), /"address": "10.65.0.2\/29"/)
  assert.equal(state().tables.length, before.tables.length + 1)
  tool('check')
  tool('del')
  assert.deepEqual(state().tables, before.tables)
  assert.equal(
    inside(box.netns, () => linkNamed('eth0')),
    undefined,
  )
})
