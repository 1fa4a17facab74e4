/** Credentials, where `docker login` and `podman login` leave them: in files, or with programs that keep secrets. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import type { Credentials } from '../../src/registry/auth/account.ts'
import { credentialsFrom } from '../../src/registry/auth/credentials.ts'
import { directory } from './registry-ground.ts'

const ALICE: Credentials = { username: 'alice', password: 'a:b' }

/** A helper as those of Docker are: it knows one host. */
const HELPER = `#!/bin/sh
read -r host
case $1:$host in
get:keyring.example:5000) echo '{"ServerURL":"x","Username":"bob","Secret":"from the keyring"}' ;;
get:token.example) echo '{"ServerURL":"x","Username":"<token>","Secret":"refresh"}' ;;
get:broken.example) echo 'the keyring is locked'; exit 1 ;;
*) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`

suite('credentials', () => {
  const setUp = (t: TestContext, config: object) => {
    const home = directory(t)
    fs.writeFileSync(join(home, 'docker-credential-test'), HELPER, { mode: 0o755 })
    fs.writeFileSync(join(home, 'config.json'), JSON.stringify(config))
    const environment = { PATH: `${home}:${process.env['PATH'] ?? ''}` }
    return credentialsFrom([join(home, 'missing.json'), join(home, 'config.json')], environment)
  }
  const auth = Buffer.from('alice:a:b').toString('base64')

  const CASES: [config: object, host: string, found: Credentials | undefined][] = [
    [{}, 'r.example', undefined],
    [{ auths: { 'r.example': { auth } } }, 'r.example', ALICE],
    [{ auths: { 'https://r.example/v1/': { auth } } }, 'r.example', ALICE],
    [{ auths: { 'https://r.example': { username: 'alice', password: 'a:b' } } }, 'r.example', ALICE],
    [{ auths: { 'r.example:5000': { auth } } }, 'r.example', undefined],
    [{ auths: { 'r.example/team': { auth } } }, 'r.example', ALICE],
    [{ auths: { 'r.example/team/app': { auth }, 'r.example': {} } }, 'r.example', ALICE],
    [{ auths: { 'r.example/other': { auth } } }, 'r.example', undefined],
    [{ auths: { 'r.example': { auth, identitytoken: 'x' } } }, 'r.example', { identityToken: 'x' }],
    [{ auths: { 'r.example': { registrytoken: 'x' } } }, 'r.example', { registryToken: 'x' }],
    [{ auths: { 'r.example': {} } }, 'r.example', undefined],
    [{ credsStore: 'test' }, 'keyring.example:5000', { username: 'bob', password: 'from the keyring' }],
    [{ credsStore: 'test' }, 'token.example', { identityToken: 'refresh' }],
    [{ credsStore: 'test', auths: { 'r.example': { auth } } }, 'r.example', ALICE],
    [{ credHelpers: { 'token.example': 'test' }, credsStore: 'none' }, 'token.example', { identityToken: 'refresh' }],
  ]
  for (const [config, host, found] of CASES)
    test(`${host} gets ${JSON.stringify(found)} when the file is ${JSON.stringify(config)}`, async (t) => {
      assert.deepEqual(await setUp(t, config)(host, 'team/app'), found)
    })

  for (const [config, error] of [
    [{ credsStore: 'test' }, /Cannot get credentials for "broken.example" from docker-credential-test: .* is locked/],
    [{ credsStore: 'missing' }, /Cannot ask "docker-credential-missing" for credentials: .*ENOENT\n {2}Install it/],
    [{ credsStore: '../evil' }, /that is no program's name/],
  ] as const)
    test(`what is wrong is told when the file is ${JSON.stringify(config)}`, async (t) => {
      await assert.rejects(setUp(t, config)('broken.example', 'a'), error)
    })

  test('the file is named when it is no JSON', async (t) => {
    const path = join(directory(t), 'auth.json')
    fs.writeFileSync(path, '{')
    await assert.rejects(credentialsFrom([path], {})('r.example', 'a'), /Cannot read the credentials in ".*auth.json"/)
  })
})
