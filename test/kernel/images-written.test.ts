/** What a container has written: shown by diff, made a layer by commit. What the runtime made there to mount on is not its. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { probeAll } from '../../src/snapshot/choose.ts'
import { type Files, ImageWorld, skipWithoutTools, tools } from './image-world.ts'

const NAMES = ['chmod', 'echo', 'ls', 'mkdir', 'rm', 'rmdir', 'touch', 'stat', 'cat']
const all = (): Files => ({ ...tools(), ...Object.fromEntries(NAMES.map((name) => [`bin/${name}`, '→sh'])) })

const place = mkdtempSync(join(tmpdir(), 'boxwright-written-'))
const probed = await probeAll(place)
rmSync(place, { recursive: true })

for (const { name: snapshotter, refusal = false } of probed)
  suite(`what a container has written, with ${snapshotter}`, { skip: skipWithoutTools || refusal }, () => {
    /** Where layers are files, nobody looks for links in them. */
    const throughLink = (volume: string): string[] => (snapshotter === 'erofs' ? [] : ['-v', `${volume}:/var/run/link`])

    /** @returns what diff says. */
    async function changes(world: ImageWorld, files: Files, script: string, ...words: string[]): Promise<string[]> {
      world.env['BOXWRIGHT_SNAPSHOTTER'] = snapshotter
      const loaded = await world.run('load', '-i', await world.archive('test:1', {}, { ...all(), ...files }))
      assert.equal(loaded.status, 0, loaded.stderr)
      const ran = await world.run('run', '--name', 'it', ...words, 'test:1', '/bin/sh', '-c', script)
      assert.equal(ran.status, 0, ran.stderr)
      const { stdout, stderr } = await world.run('image', 'diff', 'it')
      assert.equal(stderr, '')
      return stdout.split('\n').filter(Boolean)
    }

    test('places that were made to mount on are not said to be written', async () => {
      using world = new ImageWorld()
      const volume = join(world.directory, 'volume')
      mkdirSync(volume)
      const words = ['-v', `${volume}:/srv/deep/volume`, ...throughLink(volume)]
      const files = { run: undefined, var: undefined, 'var/run': '→../run', etc: undefined, 'etc/kept': 'kept' }
      assert.deepEqual(await changes(world, files, ':', ...words), [])
    })

    test('what somebody has put beside them stays, and so do changes of a directory on the way', async () => {
      using world = new ImageWorld()
      const volume = join(world.directory, 'volume')
      mkdirSync(volume)
      const script = 'chmod 700 /etc; mkdir /srv/deep/mine; echo x > /srv/deep/file; rm /gone'
      const files = { etc: undefined, gone: 'soon' }
      assert.deepEqual(await changes(world, files, script, '-v', `${volume}:/srv/deep/volume`), [
        'C /etc',
        'D /gone',
        'A /srv',
        'A /srv/deep',
        'A /srv/deep/file',
        'A /srv/deep/mine',
      ])
    })

    test('the directory that was made to work in stays', async () => {
      using world = new ImageWorld()
      assert.deepEqual(await changes(world, {}, ':', '-w', '/made/for/it'), [
        'A /made',
        'A /made/for',
        'A /made/for/it',
      ])
    })

    test('a commit has what was written, and no place', async () => {
      using world = new ImageWorld()
      await changes(world, {}, 'echo mine > /file')
      assert.equal((await world.run('commit', 'it', 'test:2')).status, 0)
      await world.run('save', '-o', 'it.tar', 'test:2')
      mkdirSync(join(world.directory, 'out'))
      const script = `tar -xf it.tar -C out && cd out && for f in blobs/sha256/*; do tar -tf $f 2>/dev/null; done | sort -u`
      const { stdout } = await world.program('sh', ['-c', script])
      assert.deepEqual(
        stdout.split('\n').filter((name) => /^(dev|proc|sys|etc)/.test(name)),
        [],
      )
      assert.match(stdout, /^file$/m)
      assert.equal((await world.run('run', '--rm', 'test:2', '/bin/cat', '/file')).stdout, 'mine\n')
    })
  })
