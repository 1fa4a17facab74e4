/** A container whose filter asks somebody, and one that gets an interface of the host's: both are the runtime's whole way, create and start. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readAddresses } from '../../src/kernel/interfaces.ts'
import { route } from '../../src/kernel/netlink-socket.ts'
import * as rtnetlink from '../../src/kernel/rtnetlink.ts'
import { statusField } from '../../src/kernel/proc.ts'
import { inside, linkNamed } from '../../src/network/plugins/namespace.ts'
import { create } from '../../src/runtime/create.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { start } from '../../src/runtime/start.ts'
import { state } from '../../src/runtime/state.ts'
import { listen, skipWithoutCompiler } from './listening.ts'
import { skipWithoutLauncher } from './native-world.ts'
import { enterOwnNetwork } from './network-ground.ts'
import { asleep, until, World } from './world.ts'

const options = { skip: skipWithoutLauncher || skipWithoutCompiler || enterOwnNetwork() }

type Fields = Record<string, unknown>

/** Created, and not started. */
async function created(world: World, process: Fields, linux: Fields) {
  const [bundle, root] = [world.newPlace(), join(world.directory, 'runtime')]
  const settings = { root, systemdCgroup: false, rootless: 'auto' as const }
  const id = `boxwright-test-asked-${world.directory.slice(-6)}`
  const config = {
    ociVersion: '1.3.0',
    root: { path: world.copyOfBase() },
    process: { args: ['sleep', '600'], cwd: '/', env: ['PATH=/bin:/usr/bin'], ...process },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: ['pid', 'mount', 'network'].map((type) => ({ type })), ...linux },
    annotations: { '{box}': 'a "b"' },
  }
  fs.writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  await create(settings, { id, bundle })
  return {
    settings,
    id,
    bundle,
    root: config.root.path,
    pid: state(settings, id).pid,
    [Symbol.dispose]: () => deleteContainer(settings, id, { force: true }),
  }
}

for (const noNewPrivileges of [true, false])
  test(
    `whoever answers for a filter hears of the container when its process ${noNewPrivileges ? 'is started' : 'is made'}`,
    options,
    async () => {
      await using world = new World()
      using server = await listen(world, 1)
      const asked = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }
      const seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: server.path,
        listenerMetadata: 'm',
        syscalls: [asked],
      }
      const args = ['sh', '-c', 'mkdir /asked 2>/said; exec sleep 600']
      using container = await created(world, { args, noNewPrivileges }, { seccomp })
      const { pid, id, bundle, settings, root } = container
      assert.equal(statusField(pid, 'Seccomp'), noNewPrivileges ? '0' : '2')
      start(settings, id)
      const [told = '', number] = await server.ended()
      assert.deepEqual(JSON.parse(told), {
        ...{ ociVersion: '1.3.0', fds: ['seccompFd'], pid, metadata: 'm' },
        state: { ociVersion: '1.3.0', id, status: 'creating', pid, bundle, annotations: { '{box}': 'a "b"' } },
      })
      assert.ok(Number(number) > 0)
      await until('the command', () => /^sleep/.test(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')))
      await asleep(pid)
      assert.match(fs.readFileSync(join(root, 'said'), 'utf8'), /not empty/i)
      assert.equal(statusField(pid, 'Seccomp'), '2')
      assert.deepEqual(
        fs.readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2),
        [],
      )
    },
  )

test(
  'an interface of the host’s is the container’s, by another name and with its address, when it is created',
  options,
  async () => {
    await using world = new World()
    route(rtnetlink.newVeth('moved0', { name: 'moved1' }))
    route(rtnetlink.newAddress(linkNamed('moved0')?.index ?? 0, '192.0.2.5/24'))
    using container = await created(world, {}, { netDevices: { moved0: { name: 'eth9' } } })
    assert.equal(linkNamed('moved0'), undefined)
    inside(`/proc/${container.pid}/ns/net`, () => {
      const link = linkNamed('eth9') ?? assert.fail('it is not there')
      assert.equal(link.up, true)
      assert.ok(readAddresses().some(({ index, address }) => index === link.index && address === '192.0.2.5'))
    })
  },
)
