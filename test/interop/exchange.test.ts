/** Images go from one engine to another and are run there: containerd, Docker and Podman have what we have saved or pushed, and we what Docker, Buildah and umoci have made. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { ImageWorld, tools } from '../kernel/image-world.ts'
import { registry } from '../pure/registry-ground.ts'
import { dockerRegistry, HOST, PASSWORD, USER } from './docker-registry.ts'
import { Daemon, ran, RUNTIME, said } from './ground.ts'
import { enterMachine } from './machine.ts'

const PEERS = ['buildah', 'containerd', 'ctr', 'docker', 'docker-registry', 'dockerd', 'podman', 'skopeo', 'umoci']
const skip = enterMachine(import.meta.filename, [RUNTIME, ...PEERS])

const NAME = 'registry.example/app:1'
const SAYS = 'of the image, in /w: second\n'

class Exchange extends ImageWorld {
  /** A command of ours that has to succeed. */
  async ours(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words)
    assert.equal(status, 0, `${words.join(' ')}\n${stderr}`)
    return stdout
  }

  at = (name: string): string => join(this.directory, name)

  /** An image whose second layer replaces a file of the first and hides another; its command tells. @returns an archive of it. */
  async made(): Promise<string> {
    const config = { Entrypoint: ['sh', '-c'], Cmd: [TELLS], Env: ['PATH=/bin', 'A=of the image'], WorkingDir: '/w' }
    const below = { ...tools(), w: undefined, 'w/f': 'first', 'w/gone': 'x' }
    await this.ours('load', '-i', await this.archive(NAME, config, below, { 'w/f': 'second', 'w/.wh.gone': '' }))
    await this.ours('save', '-o', 'ours.tar', NAME)
    return this.at('ours.tar')
  }

  /** What a program needs that is copied into an image. @returns its directory. */
  context(): string {
    fs.mkdirSync(this.at('context/bin'), { recursive: true })
    fs.writeFileSync(this.at('context/bin/sh'), tools()['bin/sh'] ?? '', { mode: 0o755 })
    return this.at('context')
  }
}

const TELLS = 'read a < f || echo "$A, in $PWD: $a"; [ ! -e gone ]'

suite('images of ours', { skip }, () => {
  test('containerd imports and runs them, whether it takes the archive for an OCI layout or for one of Docker’s', async () => {
    using world = new Exchange()
    const archive = await world.made()
    await using _containerd = await new Daemon('containerd').up(
      async () => (await ran(['ctr', 'version'])).status === 0,
    )
    const run = ['ctr', 'run', '--rm', '--runc-binary', RUNTIME]
    await said(['ctr', 'images', 'import', archive])
    assert.equal(await said([...run, NAME, 'one']), SAYS.trim())
    await said(['ctr', 'images', 'rm', '--sync', NAME])
    await said(['tar', '--delete', '-f', archive, 'index.json', 'oci-layout'])
    await said(['ctr', 'images', 'import', archive])
    assert.equal(await said([...run, NAME, 'other']), SAYS.trim())
  })

  test('Podman loads, pulls and runs them', async (t) => {
    using world = new Exchange()
    const archive = await world.made()
    const host = await registry(t)
    const podman = (...words: string[]): Promise<string> =>
      said(['podman', '--runtime', RUNTIME, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file', ...words])
    const run = ['run', '--rm', '--network', 'none']
    await podman('load', '--input', archive)
    assert.equal(await podman(...run, '--pull', 'never', NAME), SAYS.trim())
    await podman('rmi', '--all', '--force')
    await world.ours('push', NAME, `${host}/our/app:1`)
    assert.equal(await podman(...run, '--tls-verify=false', `${host}/our/app:1`), SAYS.trim())
    await podman('system', 'reset', '--force')
  })
})

suite('images of others', { skip }, () => {
  test('what Docker has loaded, committed and saved is run by ours', async () => {
    using world = new Exchange()
    const archive = await world.made()
    fs.mkdirSync('/etc/docker', { recursive: true })
    fs.writeFileSync('/etc/docker/daemon.json', JSON.stringify({ runtimes: { ours: { path: RUNTIME } } }))
    await using _dockerd = await new Daemon('dockerd').up(async () => (await ran(['docker', 'version'])).status === 0)
    const docker = (...words: string[]): Promise<string> => said(['docker', ...words])
    await docker('load', '--input', archive)
    const run = ['run', '--runtime', 'ours', '--network', 'none']
    assert.equal(await docker(...run, '--rm', NAME), SAYS.trim())
    await docker(...run, '--name', 'box', NAME, 'echo third > f; echo x > /new')
    await docker('commit', '--change', 'ENV A=committed', 'box', 'registry.example/theirs:2')
    await docker('save', '--output', world.at('theirs.tar'), 'registry.example/theirs:2', NAME)
    await world.ours('image', 'rm', NAME)
    assert.match(await world.ours('load', '-i', 'theirs.tar'), /theirs:2[^]*app:1|app:1[^]*theirs:2/)
    assert.equal(await world.ours('run', '--rm', NAME), SAYS)
    const told = 'read a < f; read b < /new; echo "$A: $a, $b"'
    assert.equal(await world.ours('run', '--rm', 'registry.example/theirs:2', told), 'committed: third, x\n')
  })

  test('what Buildah has pushed to Docker’s registry and to ours is pulled and run', async (t) => {
    using world = new Exchange()
    const host = await registry(t)
    await using _registry = await dockerRegistry()
    const buildah = (...words: string[]): Promise<string> => said(['buildah', ...words])
    const box = await buildah('from', 'scratch')
    await buildah('copy', box, world.context(), '/')
    await buildah('config', '--env', 'PATH=/bin', '--workingdir', '/w', '--cmd', '["sh","-c","echo $PWD"]', box)
    await buildah('commit', '--quiet', box, 'built')
    const auth = [`--creds=${USER}:${PASSWORD}`, '--tls-verify=false']
    await buildah('push', '--tls-verify=false', 'built', `docker://${host}/built:oci`)
    await buildah('push', '--tls-verify=false', '--format', 'v2s2', 'built', `docker://${host}/built:docker`)
    await buildah('push', ...auth, 'built', `docker://${HOST}/built:oci`)
    await buildah('rm', '--all')
    await buildah('rmi', '--all', '--force')
    const auths = { [HOST]: { auth: Buffer.from(`${USER}:${PASSWORD}`).toString('base64') } }
    fs.mkdirSync(world.at('.docker'))
    fs.writeFileSync(world.at('.docker/config.json'), JSON.stringify({ auths }))
    for (const name of [`${host}/built:oci`, `${host}/built:docker`, `${HOST}/built:oci`])
      assert.equal(await world.ours('run', '--rm', name), '/w\n', name)
  })

  test('what umoci has made, changed and packed again is loaded, pulled and run', async (t) => {
    using world = new Exchange()
    const host = await registry(t)
    const image = `${world.at('layout')}:app`
    const umoci = (verb: string, ...words: string[]): Promise<string> => said(['umoci', verb, ...words])
    await umoci('init', '--layout', world.at('layout'))
    await umoci('new', '--image', image)
    await umoci('insert', '--image', image, world.context(), '/')
    await umoci('config', '--image', image, '--config.env', 'PATH=/bin', '--config.workingdir', '/w')
    await umoci('unpack', '--image', image, world.at('bundle'))
    const root = world.at('bundle/rootfs')
    fs.mkdirSync(join(root, 'w'))
    for (const [name, text] of Object.entries({ f: 'first', gone: 'x' })) fs.writeFileSync(join(root, 'w', name), text)
    await umoci('repack', '--image', image, '--refresh-bundle', world.at('bundle'))
    fs.writeFileSync(join(root, 'w/f'), 'second')
    fs.rmSync(join(root, 'w/gone'))
    await umoci('repack', '--image', image, world.at('bundle'))
    const command = ['sh', '-c', TELLS].flatMap((word) => ['--config.cmd', word])
    await umoci('config', '--image', image, '--config.env', 'A=of the image', ...command)
    await said(['tar', '-C', world.at('layout'), '-cf', world.at('layout.tar'), '.'])
    await world.ours('load', '-i', 'layout.tar', '--name', NAME)
    assert.equal(await world.ours('run', '--rm', NAME), SAYS)
    const name = `${host}/their/app:1`
    await said(['skopeo', 'copy', '-q', '--dest-tls-verify=false', `oci:${image}`, `docker://${name}`])
    assert.equal(await world.ours('run', '--rm', name), SAYS)
  })
})
