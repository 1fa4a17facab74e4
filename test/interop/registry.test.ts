/** Debian's docker-registry as the server of our client, with accounts, tokens and TLS; and our registry as the server of skopeo, containerd and Podman. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { suite, test } from 'node:test'
import { deleteBlob, deleteManifest } from '../../src/registry/delete.ts'
import type { TransferEvent } from '../../src/registry/events.ts'
import { pull } from '../../src/registry/pull.ts'
import { push } from '../../src/registry/push.ts'
import { listReferrers } from '../../src/registry/referrers.ts'
import { listTags } from '../../src/registry/tags.ts'
import { ImageWorld, type Ran } from '../kernel/image-world.ts'
import { clientOf, contentOf, image, LINUX, registry, repositoryAt } from '../pure/registry-ground.ts'
import { dockerRegistry, HOST, makeCertificate, PASSWORD, TOKEN, tokens, USER } from './docker-registry.ts'
import { Daemon, makeArchive, ran, said } from './ground.ts'
import { enterMachine } from './machine.ts'

const skip = enterMachine(import.meta.filename, [
  'docker-registry',
  'skopeo',
  'containerd',
  'ctr',
  'podman',
  'curl',
  'openssl',
])

const ends = (events: readonly TransferEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'done' ? [event.how] : []))

suite('docker-registry', { skip }, () => {
  test('our client pushes, mounts, lists, pulls and deletes when it shows who it is', async (t) => {
    await using _registry = await dockerRegistry()
    const credentialsOf = () => Promise.resolve({ username: USER, password: PASSWORD })
    const { client, events } = clientOf(t, { credentialsOf })
    const [here, there] = [contentOf(t), contentOf(t)]
    const target = await image(here, [randomBytes(5_000_000), 'small'])
    const [first, second] = ['team/first', 'team/second'].map((name) => repositoryAt(client, HOST, name))
    assert.ok(first && second)
    for (const tag of ['1', '2', 'latest']) await push(first, target, here, { tag, piece: 1_000_000 })
    assert.deepEqual((await listTags(first)).sort(), ['1', '2', 'latest'])
    await push(second, target, here, { tag: '1', mountFrom: () => 'team/first' })
    assert.deepEqual(ends(events).slice(-3), ['mounted', 'mounted', 'mounted'])
    assert.deepEqual(await pull(second, '1', { platform: LINUX, content: there }), target)

    const signature = await image(here, [], { subject: target, artifactType: 'application/x.signature' })
    await push(first, signature, here)
    assert.deepEqual(
      (await listReferrers(first, target.digest)).map(({ digest }) => digest),
      [signature.digest],
    )
    await deleteManifest(first, signature.digest)
    assert.deepEqual(await listReferrers(first, target.digest), [])

    const [blob] = [...there.walk()].filter(({ size }) => size === 5_000_000)
    assert.ok(blob)
    await deleteManifest(second, target.digest)
    await deleteBlob(second, blob.digest)
    await assert.rejects(pull(second, '1', { platform: LINUX, content: there }), /says 404, MANIFEST_UNKNOWN/)
  })

  test('our client is refused when it does not', async (t) => {
    await using _registry = await dockerRegistry()
    const { client } = clientOf(t, { credentialsOf: () => Promise.resolve({ username: USER, password: 'wrong' }) })
    await assert.rejects(listTags(repositoryAt(client, HOST)), /says 401, UNAUTHORIZED: .*\n {2}Log in there/)
  })
})

suite('docker-registry with tokens', { skip }, () => {
  const alice = { credentialsOf: () => Promise.resolve({ username: USER, password: PASSWORD }) }

  test('our client gets one for each thing that it does, and everybody for what is public', async (t) => {
    makeCertificate()
    await using _registry = await dockerRegistry({ auth: TOKEN })
    await using given = await tokens()
    const here = contentOf(t)
    const target = await image(here, [randomBytes(2_000_000), 'small'])
    const { client, events } = clientOf(t, alice)
    await push(repositoryAt(client, HOST), target, here, { tag: '1', piece: 500_000 })
    const open = repositoryAt(client, HOST, 'public/app')
    await push(open, target, here, { tag: '1', mountFrom: () => 'team/app' })
    assert.deepEqual(ends(events).slice(-3), ['mounted', 'mounted', 'mounted'])
    assert.deepEqual(await listTags(open), ['1'])

    const nobody = clientOf(t, { credentialsOf: () => Promise.resolve(undefined) }).client
    const there = contentOf(t)
    assert.deepEqual(
      await pull(repositoryAt(nobody, HOST, 'public/app'), '1', { platform: LINUX, content: there }),
      target,
    )
    for (const attempt of [
      pull(repositoryAt(nobody, HOST), '1', { platform: LINUX, content: contentOf(t) }),
      push(repositoryAt(nobody, HOST, 'public/app'), target, here, { tag: '2' }),
    ])
      await assert.rejects(attempt, /says 401, UNAUTHORIZED: .*\n {2}Log in there/)
    const firstOf = (name: string): string | undefined => given.asked.find((one) => one.startsWith(name))
    assert.equal(firstOf('alice'), 'alice repository:team/app:pull,push repository:team/app:pull')
    assert.equal(firstOf('nobody'), 'nobody repository:public/app:pull')
    const alices = given.asked.filter((one) => one.startsWith('alice'))
    assert.deepEqual(alices, [...new Set(alices)])
    await deleteManifest(open, target.digest)
    assert.deepEqual(await listTags(open), [])
  })

  test('our client is refused when whoever gives them out does not know the password', async (t) => {
    makeCertificate()
    await using _registry = await dockerRegistry({ auth: TOKEN })
    await using _given = await tokens()
    const { client } = clientOf(t, { credentialsOf: () => Promise.resolve({ username: USER, password: 'wrong' }) })
    await assert.rejects(listTags(repositoryAt(client, HOST)), /Cannot get a token from ".*": .* says 401/)
  })
})

suite('docker-registry behind TLS', { skip }, () => {
  test('our command goes there when Docker’s or our own certs.d has its certificate, or the environment', async () => {
    using world = new ImageWorld()
    const certificate = makeCertificate()
    await using _registry = await dockerRegistry({ tls: true })
    fs.mkdirSync(`${world.directory}/.docker`)
    const auths = { [HOST]: { auth: Buffer.from(`${USER}:${PASSWORD}`).toString('base64') } }
    fs.writeFileSync(`${world.directory}/.docker/config.json`, JSON.stringify({ auths }))
    await world.run('load', '-i', await world.archive('app:1', {}, { f: 'x' }))
    const push = (): Promise<Ran> => world.run('push', 'app:1', `${HOST}/app:1`)
    assert.match((await push()).stderr, /certificate.*\n {2}Put its authority's certificate into .*\/ca.crt/)
    for (const directory of [
      '/etc/docker',
      '/etc/containers',
      '/etc/boxwright',
      `${world.directory}/.config/boxwright`,
    ]) {
      const place = `${directory}/certs.d/${HOST}`
      fs.mkdirSync(place, { recursive: true })
      fs.copyFileSync(certificate, `${place}/ca.crt`)
      assert.equal((await push()).status, 0, place)
      fs.rmSync(place, { recursive: true })
    }
    world.env['NODE_EXTRA_CA_CERTS'] = certificate
    assert.equal((await world.run('pull', '--no-unpack', `${HOST}/app:1`)).status, 0)
  })
})

suite('our registry', { skip }, () => {
  test('skopeo copies, inspects, lists and deletes when it is the server', async (t) => {
    const host = await registry(t)
    const archive = makeArchive()
    const insecure = ['--dest-tls-verify=false', '--insecure-policy']
    await said(['skopeo', 'copy', ...insecure, `docker-archive:${archive}`, `docker://${host}/busy/box:1`])
    await said([
      'skopeo',
      'copy',
      ...insecure,
      '--format',
      'oci',
      `docker-archive:${archive}`,
      `docker://${host}/busy/box:2`,
    ])
    const asked = (verb: string, ...words: string[]): Promise<string> =>
      said(['skopeo', verb, '--tls-verify=false', ...words])
    const listed = JSON.parse(await asked('list-tags', `docker://${host}/busy/box`)) as { Tags: string[] }
    assert.deepEqual(listed.Tags, ['1', '2'])
    const { Layers } = JSON.parse(await asked('inspect', `docker://${host}/busy/box:1`)) as { Layers: string[] }
    assert.equal(Layers.length, 1)
    await said([
      'skopeo',
      'copy',
      '--src-tls-verify=false',
      '--insecure-policy',
      `docker://${host}/busy/box:1`,
      'dir:/tmp/copied',
    ])
    assert.ok(fs.existsSync('/tmp/copied/manifest.json'))
    await asked('delete', `docker://${host}/busy/box:1`)
    assert.notEqual((await ran(['skopeo', 'inspect', '--tls-verify=false', `docker://${host}/busy/box:1`])).status, 0)
    const { client } = clientOf(t)
    await pull(repositoryAt(client, host, 'busy/box'), '2', { platform: LINUX, content: contentOf(t) })
  })

  test('Podman pushes and pulls when it is the server', async (t) => {
    const host = await registry(t)
    const podman = (...words: string[]): Promise<string> => said(['podman', ...words])
    await podman('load', '--input', makeArchive())
    const name = `${host}/busy/box:podman`
    await podman('tag', 'boxwright.test/busybox:1', name)
    await podman('push', '--tls-verify=false', name)
    const before = await podman('image', 'inspect', '--format', '{{.Id}}', name)
    await podman('rmi', '--all', '--force')
    await podman('pull', '--tls-verify=false', name)
    assert.equal(await podman('image', 'inspect', '--format', '{{.Id}}', name), before)
    await podman('system', 'reset', '--force')
  })

  test('containerd pushes and pulls when it is the server', async (t) => {
    const host = await registry(t)
    await using _containerd = await new Daemon('containerd').up(
      async () => (await ran(['ctr', 'version'])).status === 0,
    )
    const ctr = (...words: string[]): Promise<string> => said(['ctr', 'images', ...words])
    await ctr('import', makeArchive())
    const name = `${host}/busy/box:ctr`
    await ctr('tag', 'boxwright.test/busybox:1', name)
    await ctr('push', '--plain-http', name)
    await ctr('rm', name, 'boxwright.test/busybox:1')
    await ctr('pull', '--plain-http', name)
    assert.match(await ctr('ls', '-q'), new RegExp(name))
  })
})
