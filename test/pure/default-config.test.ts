/** What `spec` and `features` print, before the published schemas and beside what runC prints. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { wordsOf } from '../../src/box/container/options.ts'
import { specOfConfig } from '../../src/oci/config.ts'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { readJson, writeJson } from '../../src/oci/json.ts'
import { features } from '../../src/runtime/features.ts'
import { documents, judge, skip } from './published.ts'

type Fields = Record<string, unknown>

const ME = { uid: 1000, gid: 100 }
const plain = (value: object): Fields => JSON.parse(writeJson(value)) as Fields
const runc = ['/usr/sbin/runc', '/usr/bin/runc'].find(existsSync)

for (const rootless of [undefined, ME])
  test(`the config.json that spec writes ${rootless ? 'for who is not root ' : ''}is one by our own rules, and warns of nothing`, () => {
    const warnings: string[] = []
    const place = { directory: '/bundle', cgroupsPath: '/x', hostname: '', warn: (one: string) => warnings.push(one) }
    const spec = specOfConfig(readJson(writeJson(defaultConfig(rootless), '\t')), place)
    assert.deepEqual([spec.process.args, spec.root.path, warnings], [['sh'], '/bundle/rootfs', []])
  })

test('the schema finds nothing wrong with what spec writes', { skip }, () => {
  for (const rootless of [undefined, ME])
    assert.deepEqual(judge('config-schema.json')(plain(defaultConfig(rootless))), [])
})

/** By runC itself, where it is: `runc spec`, in a directory that goes again. */
function runcSpec(t: TestContext, ...words: string[]): Fields {
  const directory = mkdtempSync(join(tmpdir(), 'spec-'))
  t.after(() => rmSync(directory, { recursive: true }))
  execFileSync(runc ?? '', ['spec', ...words], { cwd: directory })
  return JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as Fields
}

/** What is ours: a name, a version that any runtime takes, no ambient capabilities, a cgroup namespace, and some more that is hidden. */
function common(config: Fields): Fields {
  const { process, linux, mounts, root } = structuredClone(config) as Record<string, Fields>
  const { capabilities, ...others } = process ?? {}
  const { bounding, effective, permitted } = capabilities as Fields
  const types = (linux?.['namespaces'] as { type: string }[])
    .map(({ type }) => type)
    .filter((type) => type !== 'cgroup')
  const { maskedPaths: _, namespaces: __, ...rest } = linux ?? {}
  const bare = (mounts as unknown as Fields[]).map(({ options = [], ...mount }): Fields => ({
    ...mount,
    options: [...(options as string[])].sort(),
  }))
  return {
    root,
    mounts: bare.sort((a, b) => String(a['destination']).localeCompare(String(b['destination']))),
    process: { ...others, capabilities: { bounding, effective, permitted } },
    linux: rest,
    types: types.sort(),
  }
}

for (const words of [[], ['--rootless']])
  test(`spec ${words.join()} writes what runC writes`, { skip: runc ? false : 'there is no runc' }, (t) => {
    const me = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
    const ours = common(plain(defaultConfig(words.length > 0 ? me : undefined)))
    const theirs = common(runcSpec(t, ...words))
    // What /proc needs is in ours, since lesson 3.
    const withoutProc = ({ mounts, ...rest }: Fields): Fields => ({
      ...rest,
      mounts: (mounts as Fields[]).filter(({ type }) => type !== 'proc'),
    })
    assert.deepEqual(withoutProc(ours), withoutProc(theirs))
  })

test('the schema finds nothing wrong with what features prints, and knows its own documents', { skip }, () => {
  const faults = judge('features-schema.json')
  assert.deepEqual(faults(plain(features())), [])
  for (const { name, text } of documents('features', 'good')) assert.deepEqual(faults(JSON.parse(text)), [], name)
  for (const { name, text } of documents('features', 'bad')) assert.notDeepEqual(faults(JSON.parse(text)), [], name)
})

test('every mount option that features names is understood, and none goes to a file system as data', () => {
  for (const option of features().mountOptions) assert.equal(wordsOf([option]).data, '', option)
  for (const option of ['ro', 'rro', 'rbind', 'ridmap', 'tmpcopyup', 'rshared', 'nosymfollow', 'rnoatime'])
    assert.ok(features().mountOptions.includes(option), option)
})
