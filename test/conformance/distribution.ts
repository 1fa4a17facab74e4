/**
 * `npm run test:distribution`: the OCI's validation of a registry, all of it, against `boxwright registry serve` with accounts. It fails when a single
 * request is not answered as distribution-spec wants it, and when something is left out that is not named below.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, cacheOf, go, hasGo, type Module } from './go-module.ts'

const MODULE: Module = {
  name: 'github.com/opencontainers/distribution-spec/conformance',
  version: 'v0.0.0-20260831232431-97274622c111',
  sum: 'h1:ppZPU0CrEPzyJhVggYwUIZrqh0w2lIT0esw+9ABNPA4=',
}

const BOXWRIGHT = fileURLToPath(new URL('../../src/cli/boxwright.mjs', import.meta.url))

/** bcrypt of the password `secret`. */
const ACCOUNT = 'conformance:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n'

async function main(): Promise<number> {
  if (!fs.existsSync(cacheOf(MODULE)) && !hasGo()) return skip('there is no Go toolchain here to build it with')
  let suite
  try {
    suite = cached(MODULE, build)
  } catch (error) {
    return skip(`the suite cannot be had: ${(error as Error).message.trim()}`)
  }
  const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-distribution-'))
  try {
    return await judged(join(suite, 'conformance'), place)
  } finally {
    fs.rmSync(place, { recursive: true })
  }
}

function build(place: string, source: string): void {
  const copy = join(place, 'source')
  fs.cpSync(source, copy, { recursive: true })
  go(copy, ['build', '-ldflags=-s -w', '-o', join(place, 'conformance'), '.'])
  fs.rmSync(copy, { recursive: true })
}

/** Of the version that is being written as well: more is asked there, and nothing less. */
async function judged(program: string, place: string): Promise<number> {
  fs.writeFileSync(join(place, 'accounts'), ACCOUNT)
  const results = []
  for (const version of ['1.1', 'dev']) results.push(await run(program, version, place))
  for (const { version, counts } of results)
    say(`distribution-spec ${version}: ${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped`)
  return results.every(({ counts }) => counts.pass > 800 && counts.fail === 0 && counts.skip === 0) ? 0 : 1
}

async function run(program: string, version: string, place: string) {
  const words = ['registry', 'serve', '--listen', '127.0.0.1:0', '--data', join(place, version)]
  const registry = spawn(process.execPath, [BOXWRIGHT, ...words, '--htpasswd', join(place, 'accounts')])
  try {
    const [line] = (await once(registry.stderr, 'data')) as [Buffer]
    const [address = ''] = /127\.0\.0\.1:\d+/.exec(line.toString()) ?? []
    const env = { ...process.env, ...settings(address, version, join(place, `results-${version}`)) }
    const { stdout } = spawnSync(program, { cwd: place, env, encoding: 'utf8' })
    const count = (what: string): number => Number(new RegExp(`^ +${what}\\.+: +(\\d+)$`, 'm').exec(stdout)?.[1] ?? NaN)
    const counts = { pass: count('Pass'), fail: count('FAIL') + count('Error'), skip: count('Skip') }
    if (counts.fail !== 0 || counts.skip !== 0) say(stdout)
    return { version, counts }
  } finally {
    registry.kill('SIGINT')
    if (registry.exitCode === null) await once(registry, 'exit')
    say(`the registry ended with ${String(registry.exitCode)}`)
  }
}

const settings = (address: string, version: string, results: string): Record<string, string> => ({
  OCI_REGISTRY: address,
  OCI_TLS: 'disabled',
  OCI_USERNAME: 'conformance',
  OCI_PASSWORD: 'secret',
  OCI_VERSION: version,
  OCI_RESULTS_DIR: results,
})

function skip(reason: string): number {
  console.error(`SKIPPED: the OCI's validation of registries: ${reason}`)
  return 0
}

const say = (line: string): void => console.log(line)

process.exit(await main())
