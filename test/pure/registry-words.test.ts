/** What registries say in headers, and what a machine says of registries: challenges, links, ranges, waits, proxies, settings. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parseChallenges } from '../../src/registry/auth/challenge.ts'
import { isLoopback, proxyFor } from '../../src/registry/http/proxies.ts'
import { isPassing, parseRetryAfter } from '../../src/registry/http/retry.ts'
import { Interrupted, RegistryError } from '../../src/registry/http/error.ts'
import { nextLink } from '../../src/registry/link.ts'
import { parseRange } from '../../src/registry/server/range.ts'
import { isInsecure, placesOf, readSettings, type Settings } from '../../src/registry/settings.ts'
import { parseToml } from '../../src/registry/toml.ts'
import { seeded } from './random.ts'

const CHALLENGES: [header: string, ...challenges: [string, Record<string, string>][]][] = [
  ['Basic realm="a b"', ['basic', { realm: 'a b' }]],
  ['basic REALM=x', ['basic', { realm: 'x' }]],
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    ['bearer', { realm: 'https://auth.example/token', service: 'registry.example', scope: 'repository:a/b:pull,push' }],
  ],
  ['Bearer realm = "x" , service = y', ['bearer', { realm: 'x', service: 'y' }]],
  ['Basic realm="say \\"hi\\", \\\\o/"', ['basic', { realm: 'say "hi", \\o/' }]],
  ['Basic realm="Bearer realm=x"', ['basic', { realm: 'Bearer realm=x' }]],
  ['Negotiate, Basic realm="x"', ['negotiate', {}], ['basic', { realm: 'x' }]],
  ['NTLM TlRMTVNTUAAB=, Bearer realm="x"', ['ntlm', {}], ['bearer', { realm: 'x' }]],
  [
    'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
    ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
    ['basic', { realm: 'simple' }],
  ],
  [', ,Basic realm=""', ['basic', { realm: '' }]],
  ['Bearer realm="a",realm="b"', ['bearer', { realm: 'a' }]],
  ['', ...[]],
  ['"', ...[]],
]

test('challenges are what RFC 9110 makes of a header when it is parsed', () => {
  for (const [header, ...expected] of CHALLENGES)
    assert.deepEqual(
      parseChallenges(header),
      expected.map(([scheme, parameters]) => ({ scheme, parameters })),
      header,
    )
})

test('parsing a header ends when it is anything at all', (t) => {
  const random = seeded(t)
  for (let n = 0; n < 500; n += 1) {
    const header = random.text(60, 'Bearer realm="\\,= x\t"')
    for (const { scheme } of parseChallenges(header)) assert.match(scheme, /^\S+$/)
    nextLink(random.text(60, '<>;="rel next,/ '), new URL('http://x/'))
    parseToml(random.text(80, '[]="#\n ab.,\\\''))
  }
})

const LINKS: [header: string | undefined, next: string | undefined][] = [
  [undefined, undefined],
  ['</v2/a/tags/list?n=2&last=b>; rel="next"', 'http://r.example/v2/a/tags/list?n=2&last=b'],
  ['<?last=b>; rel=next', 'http://r.example/v2/a/tags/list?last=b'],
  ['<https://other.example/x>; rel="next"', 'https://other.example/x'],
  ['</a>; rel="prev", </b>; title="x, y"; rel="next"', 'http://r.example/b'],
  ['</a>; rel="prev next"', 'http://r.example/a'],
  ['</a>; rel="nextish"', undefined],
  ['</a>', undefined],
]

test('a list goes on where its Link says when that is the next', () => {
  for (const [header, next] of LINKS)
    assert.equal(nextLink(header, new URL('http://r.example/v2/a/tags/list'))?.href, next, header)
})

test('a part is what RFC 9110 makes of a Range when the size is known', () => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, undefined],
    ['bytes=0-99', { start: 0, end: 100 }],
    ['bytes=990-', { start: 990, end: 1000 }],
    ['bytes=990-2000', { start: 990, end: 1000 }],
    ['bytes=-10', { start: 990, end: 1000 }],
    ['bytes=-2000', { start: 0, end: 1000 }],
    ['bytes=-0', 'none'],
    ['bytes=1000-', 'none'],
    ['bytes=5-4', 'none'],
    ['bytes=0-1,5-6', undefined],
    ['lines=1-2', undefined],
    ['bytes=-', undefined],
  ]
  for (const [header, part] of cases) assert.deepEqual(parseRange(header, 1000), part, header)
})

test('a wait is what Retry-After says when it is seconds or a date', () => {
  const now = Date.parse('Thu, 26 Nov 2026 12:00:00 GMT')
  assert.equal(parseRetryAfter('3', now), 3000)
  assert.equal(parseRetryAfter('Thu, 26 Nov 2026 12:00:05 GMT', now), 5000)
  assert.equal(parseRetryAfter('Thu, 26 Nov 2026 11:00:00 GMT', now), undefined)
  assert.equal(parseRetryAfter('soon', now), undefined)
  assert.equal(parseRetryAfter(undefined, now), undefined)
})

test('what may pass is told from what will not when something has gone wrong', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) assert.ok(isPassing(new RegistryError('x', { status })))
  for (const status of [400, 401, 403, 404, 416]) assert.ok(!isPassing(new RegistryError('x', { status })))
  assert.ok(isPassing(new RegistryError('x', { cause: new Interrupted('ECONNRESET', 'x') })))
  assert.ok(!isPassing(new RegistryError('x')))
  assert.ok(!isPassing(Object.assign(new Error('x'), { code: 'HPE_INVALID_CONSTANT' })))
})

test('a request goes by a proxy when the environment says so, and nothing says otherwise', () => {
  const cases: [environment: Record<string, string>, url: string, proxy: string | undefined][] = [
    [{}, 'https://r.example/', undefined],
    [{ HTTPS_PROXY: 'http://p.example:3128' }, 'https://r.example/', 'http://p.example:3128/'],
    [{ https_proxy: 'p.example:3128' }, 'https://r.example/', 'http://p.example:3128/'],
    [{ HTTPS_PROXY: 'http://p.example' }, 'http://r.example/', undefined],
    [{ HTTP_PROXY: 'http://p.example' }, 'http://r.example/', 'http://p.example/'],
    [{ HTTP_PROXY: 'http://p.example' }, 'http://127.0.0.1:5000/', undefined],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: '*' }, 'http://r.example/', undefined],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: 'x.example, r.example' }, 'http://a.r.example/', undefined],
    [{ HTTP_PROXY: 'http://p.example', no_proxy: '.r.example' }, 'http://a.r.example/', undefined],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: 'r.example' }, 'http://other.example/', 'http://p.example/'],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: 'r.example' }, 'http://ar.example/', 'http://p.example/'],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: 'r.example:5000' }, 'http://r.example/', 'http://p.example/'],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: '10.0.0.0/8' }, 'http://10.1.2.3:5000/', undefined],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: '10.0.0.0/8' }, 'http://11.1.2.3/', 'http://p.example/'],
    [{ HTTP_PROXY: 'http://p.example', NO_PROXY: 'no/subnet' }, 'http://11.1.2.3/', 'http://p.example/'],
  ]
  for (const [environment, url, proxy] of cases)
    assert.equal(proxyFor(new URL(url), environment)?.href, proxy, JSON.stringify([environment, url]))
})

test('a host is this machine when its name or its address says so', () => {
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]']) assert.ok(isLoopback(host), host)
  for (const host of ['127.0.0.1.example', 'localhost.example', '10.0.0.1', '0.0.0.0'])
    assert.ok(!isLoopback(host), host)
})

test('registries.conf is read as TOML when it has what TOML has', () => {
  const text = `
# a comment
unqualified-search-registries = ["a.example", # one more
  'b.example']
short-name-mode = "permissive"
[[registry]]
prefix = "a.example/x#y"
location = "c.example"
insecure = true
[[registry.mirror]]
location = "m.example"
[[registry.mirror]]
location = "n.example"
insecure = true
[[registry]]
location = "bad.example"
blocked = true
[aliases]
"x" = "a.example/x"
__proto__ = "y"
`
  assert.deepEqual(JSON.parse(JSON.stringify(parseToml(text))), {
    'unqualified-search-registries': ['a.example', 'b.example'],
    'short-name-mode': 'permissive',
    registry: [
      {
        prefix: 'a.example/x#y',
        location: 'c.example',
        insecure: true,
        mirror: [{ location: 'm.example' }, { location: 'n.example', insecure: true }],
      },
      { location: 'bad.example', blocked: true },
    ],
    aliases: JSON.parse('{"x": "a.example/x", "__proto__": "y"}') as unknown,
  })
})

/** Files of a machine, in a directory that goes when the test ends. */
function machine(t: { after: (act: () => void) => void }, files: Record<string, string>): string {
  const root = fs.mkdtempSync(join(tmpdir(), 'boxwright-settings-'))
  t.after(() => fs.rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(root, name)), { recursive: true })
    fs.writeFileSync(join(root, name), text)
  }
  return root
}

test('registries are those of all files when a machine has been told of some', (t) => {
  const root = machine(t, {
    'home/.config/boxwright/registries.json':
      '{"search": ["mine.example"], "registries": {"a.example": {"mirrors": ["m.example/a"]}}}',
    'etc/docker/daemon.json': '{"registry-mirrors": ["http://d.example/"], "insecure-registries": ["i.example:5000"]}',
    'etc/containers/registries.conf':
      'unqualified-search-registries = ["p.example"]\n[[registry]]\nlocation = "b.example"\nblocked = true\n',
  })
  const settings = readSettings({ HOME: join(root, 'home'), BOXWRIGHT_REGISTRY: 'class.example:5000' }, root)
  assert.deepEqual(settings.search, ['class.example:5000', 'mine.example', 'd.example', 'p.example'])
  assert.ok(isInsecure(settings, 'd.example') && isInsecure(settings, 'i.example:5000'))
  assert.ok(!isInsecure(settings, 'mine.example'))
  assert.deepEqual(placesOf(settings, 'a.example', 'team/app'), [
    { host: 'm.example', name: 'a/team/app' },
    { host: 'a.example', name: 'team/app' },
  ])
  assert.throws(
    () => placesOf(settings, 'b.example', 'app'),
    /^RegistryError: Cannot reach "b.example\/app": .* blocked/,
  )
})

test('nothing is searched when a machine has been told of nothing', (t) => {
  const root = machine(t, { 'etc/docker/daemon.json': '' })
  assert.deepEqual(readSettings({ HOME: root }, root), { search: [], registries: {} } satisfies Settings)
})

test('a file is named when it is no JSON', (t) => {
  const root = machine(t, { 'etc/docker/daemon.json': '{' })
  assert.throws(
    () => readSettings({ HOME: root }, root),
    /Cannot read the registries in ".*daemon.json": it is no JSON/,
  )
})

test('a place is the longest beginning of a name when several are configured', () => {
  const settings: Settings = {
    search: [],
    registries: {
      'r.example': { mirrors: ['all.example'] },
      'r.example/team': { mirrors: ['https://team.example:5000'], location: 'moved.example/group' },
    },
  }
  assert.deepEqual(placesOf(settings, 'r.example', 'team/app'), [
    { host: 'team.example:5000', name: 'app' },
    { host: 'moved.example', name: 'group/app' },
  ])
  assert.deepEqual(placesOf(settings, 'r.example', 'teams/app').at(0), { host: 'all.example', name: 'teams/app' })
  assert.deepEqual(placesOf(settings, 'other.example', 'app'), [{ host: 'other.example', name: 'app' }])
})
