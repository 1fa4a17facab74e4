/** Images of others are read by ours, and ours by others: as archives and through a registry. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { serve } from '../../src/registry/server/serve.ts'
import { BUSYBOX, ImageWorld, tools } from '../kernel/image-world.ts'

const isMissing = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0
const needs = (...programs: string[]): string | false => {
  const missing = programs.filter(isMissing)
  if (process.geteuid?.() !== 0) return 'only root'
  return BUSYBOX === undefined ? 'no static busybox' : missing.length > 0 && `no ${missing.join(', ')}`
}

async function well(world: ImageWorld, ...words: string[]): Promise<string> {
  const [program = '', ...rest] = words
  const { status, stdout, stderr } = await (program === 'boxwright' ? world.run(...rest) : world.program(program, rest))
  assert.equal(status, 0, `${words.join(' ')}\n${stderr}`)
  return stdout
}

/** An image of our own making, in the world's store. */
async function made(world: ImageWorld): Promise<void> {
  const config = { Entrypoint: ['/bin/sh', '-c'], Cmd: ['echo $A'], Env: ['PATH=/bin', 'A=of the image'] }
  await well(
    world,
    'boxwright',
    'load',
    '-i',
    await world.archive('registry.example/app:1', config, tools(), { f: 'x' }),
  )
}

suite('images of others', () => {
  for (const [kind, name] of [
    ['oci-archive', 'oci-archive:theirs.tar:registry.example/theirs:2'],
    ['docker-archive', 'docker-archive:theirs.tar:registry.example/theirs:2'],
  ] as const)
    test(`what skopeo has written as ${kind} is run`, { skip: needs('skopeo') }, async () => {
      using world = new ImageWorld()
      await made(world)
      await well(world, 'boxwright', 'save', '-o', 'ours.tar', 'registry.example/app:1')
      await well(world, 'skopeo', 'copy', '-q', 'oci-archive:ours.tar', name)
      assert.match(await well(world, 'boxwright', 'load', '-i', 'theirs.tar'), /registry\.example\/theirs:2/)
      assert.equal(await well(world, 'boxwright', 'run', '--rm', 'registry.example/theirs:2'), 'of the image\n')
    })

  test('what buildah has built is run', { skip: needs('buildah') }, async () => {
    using world = new ImageWorld()
    fs.mkdirSync(join(world.directory, 'context'))
    fs.copyFileSync(BUSYBOX ?? '', join(world.directory, 'context/sh'))
    const steps = [
      'FROM scratch',
      'COPY sh /bin/sh',
      'ENV A=buildah',
      'WORKDIR /w',
      'CMD ["/bin/sh", "-c", "echo $A; pwd"]',
    ]
    fs.writeFileSync(join(world.directory, 'context/Dockerfile'), steps.join('\n'))
    const buildah = [
      'buildah',
      '--storage-driver',
      'vfs',
      '--root',
      join(world.directory, 'b'),
      '--runroot',
      join(world.directory, 'r'),
    ]
    await well(world, ...buildah, 'bud', '-q', '--isolation', 'chroot', '-t', 'built', 'context')
    await well(world, ...buildah, 'push', '-q', 'built', 'oci-archive:built.tar:registry.example/built:1')
    await well(world, 'boxwright', 'load', '-i', 'built.tar')
    assert.equal(await well(world, 'boxwright', 'run', '--rm', 'registry.example/built:1'), 'buildah\n/w\n')
  })

  test('what skopeo has pushed is pulled and run', { skip: needs('skopeo') }, async () => {
    using world = new ImageWorld()
    await using registry = await serve({
      host: '127.0.0.1',
      port: 0,
      directory: join(world.directory, 'registry'),
      onFault: (error) => assert.fail(String(error)),
    })
    await made(world)
    await well(world, 'boxwright', 'save', '-o', 'ours.tar', 'registry.example/app:1')
    await well(
      world,
      'skopeo',
      'copy',
      '-q',
      '--dest-tls-verify=false',
      'oci-archive:ours.tar',
      `docker://${registry.address}/their/app:3`,
    )
    assert.equal(await well(world, 'boxwright', 'run', '--rm', `${registry.address}/their/app:3`), 'of the image\n')
  })
})

suite('images of ours', () => {
  test('an archive of ours is unpacked by umoci', { skip: needs('skopeo', 'umoci') }, async () => {
    using world = new ImageWorld()
    await made(world)
    await well(world, 'boxwright', 'save', '-o', 'ours.tar', 'registry.example/app:1')
    await well(world, 'skopeo', 'copy', '-q', 'docker-archive:ours.tar', 'oci:layout:app')
    await well(world, 'umoci', 'unpack', '--image', 'layout:app', 'bundle')
    assert.equal(fs.readFileSync(join(world.directory, 'bundle/rootfs/f'), 'utf8'), 'x')
  })

  test('an archive of ours is loaded by Podman', { skip: needs('podman') }, async () => {
    using world = new ImageWorld()
    await made(world)
    await well(world, 'boxwright', 'save', '-o', 'ours.tar', 'registry.example/app:1')
    const podman = [
      'podman',
      '--root',
      join(world.directory, 'p'),
      '--runroot',
      join(world.directory, 'q'),
      '--storage-driver',
      'vfs',
    ]
    assert.match(await well(world, ...podman, 'load', '-i', 'ours.tar'), /registry\.example\/app:1/)
  })

  test(
    'what we have pushed skopeo finds, and a container that was committed is in it',
    { skip: needs('skopeo') },
    async () => {
      using world = new ImageWorld()
      await using registry = await serve({
        host: '127.0.0.1',
        port: 0,
        directory: join(world.directory, 'registry'),
        onFault: (error) => assert.fail(String(error)),
      })
      await made(world)
      await well(
        world,
        'boxwright',
        'run',
        '--name',
        'box',
        'registry.example/app:1',
        'echo written > /new; echo y > /f',
      )
      const changed = (await well(world, 'boxwright', 'image', 'diff', 'box')).split('\n')
      for (const line of ['C /f', 'A /new']) assert.ok(changed.includes(line), line)
      await well(world, 'boxwright', 'commit', 'box', `${registry.address}/our/app:1`)
      await well(world, 'boxwright', 'push', `${registry.address}/our/app:1`)
      const about = await well(
        world,
        'skopeo',
        'inspect',
        '--tls-verify=false',
        `docker://${registry.address}/our/app:1`,
      )
      assert.equal((JSON.parse(about) as { Layers: string[] }).Layers.length, 3)
      await well(world, 'boxwright', 'rm', 'box')
      await well(world, 'boxwright', 'image', 'rm', `${registry.address}/our/app:1`)
      assert.equal(
        await well(world, 'boxwright', 'run', '--rm', `${registry.address}/our/app:1`, 'read a < /new; echo $a'),
        'written\n',
      )
    },
  )
})
