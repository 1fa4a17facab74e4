/** Names of images, by the distribution project's grammar. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { algorithmOf, digestFrom, digestOf, encodedOf, hasherOf, parseDigest } from '../../src/oci/digest.ts'
import { formatReference, parseReference, withTag, type Reference } from '../../src/oci/reference.ts'

const SHA256 = digestOf('x')
const SHA512 = digestOf('x', 'sha512')
const LONG = 'a/'.repeat(127) + 'a'

const GOOD: [text: string, reference: Reference][] = [
  ['app', { repository: 'app' }],
  ['test_com', { repository: 'test_com' }],
  ['app:5000', { repository: 'app', tag: '5000' }],
  ['registry.example:5000', { repository: 'registry.example', tag: '5000' }],
  ['team/app', { repository: 'team/app' }],
  ['team/app:Latest', { repository: 'team/app', tag: 'Latest' }],
  ['registry.example/app', { host: 'registry.example', repository: 'app' }],
  ['registry:5000/app:1', { host: 'registry:5000', repository: 'app', tag: '1' }],
  ['localhost/app', { host: 'localhost', repository: 'app' }],
  ['localhost:5000/a/b/c', { host: 'localhost:5000', repository: 'a/b/c' }],
  ['127.0.0.1:5000/app:5050', { host: '127.0.0.1:5000', repository: 'app', tag: '5050' }],
  ['[::1]:5000/app', { host: '[::1]:5000', repository: 'app' }],
  ['[2001:db8::1]/app:t', { host: '[2001:db8::1]', repository: 'app', tag: 't' }],
  ['xn--n3h.example/my--app:x', { host: 'xn--n3h.example', repository: 'my--app', tag: 'x' }],
  ['a.b/c__d.e_f', { host: 'a.b', repository: 'c__d.e_f' }],
  ['HOST/app', { host: 'HOST', repository: 'app' }],
  [`app@${SHA256}`, { repository: 'app', digest: SHA256 }],
  [`[::1]:80/a/b:c@${SHA512}`, { host: '[::1]:80', repository: 'a/b', tag: 'c', digest: SHA512 }],
  [`a.b/${LONG}:tag`, { host: 'a.b', repository: LONG, tag: 'tag' }],
  [`app:${'t'.repeat(128)}`, { repository: 'app', tag: 't'.repeat(128) }],
]

for (const [text, reference] of GOOD)
  test(`${text.slice(0, 60)} is read, and written as it was`, () => {
    assert.deepEqual(parseReference(text), reference)
    assert.equal(formatReference(reference), text)
  })

const BAD: [text: string, fact: RegExp][] = [
  ['', /it names no repository/],
  [':tag', /it names no repository/],
  [`@${SHA256}`, /it names no repository/],
  ['App', /"App" has capitals in it/],
  ['registry:5000/Team/app', /"Team\/app" has capitals in it/],
  ['registry.example/', /it names no repository/],
  ['/app', /"\/app" is no repository/],
  ['a//b', /"a\/\/b" is no repository/],
  ['a..b', /is no repository/],
  ['a___b', /is no repository/],
  ['-a', /is no repository/],
  ['a-', /is no repository/],
  ['a b', /is no repository/],
  ['a\nb', /is no repository/],
  ['app\n', /is no repository/],
  ['../../etc/passwd', /".." is no host/],
  ['app:', /"" is no tag/],
  ['app:-x', /"-x" is no tag/],
  ['app:a:b', /"a:b" is no tag/],
  ['app:tag\n', /is no tag/],
  [`app:${'t'.repeat(129)}`, /is no tag/],
  ['app:a/b', /"app:a" is no host/],
  ['[2001:db8::1]', /is no repository/],
  ['[fe80::1%eth0]:5000/app', /is no host/],
  ['http://registry.example/app', /"http:" is no host/],
  ['registry.example:x/app', /is no host/],
  ['-x.example/app', /is no host/],
  [`a.b/${LONG}/a`, /its repository has 257 characters, and 255 are the most/],
  ['app@sha256:ff', /of the digest, it has 2 digits/],
  [`app@md5:${'f'.repeat(32)}`, /"md5" is an algorithm that this program cannot calculate/],
  [`app@${SHA256.toUpperCase()}`, /of the digest, it is not an algorithm/],
  [`app@${SHA256}@${SHA256}`, /more than one "@"/],
  [SHA256.slice(7), /sixty-four digits are half a digest/],
]

for (const [text, fact] of BAD)
  test(`${JSON.stringify(text.slice(0, 60))} is refused with the part that is wrong`, () => {
    assert.throws(() => parseReference(text), { name: 'RangeError', message: fact })
  })

test('whoever names neither tag nor digest means latest', () => {
  assert.equal(formatReference(withTag(parseReference('a.b/app'))), 'a.b/app:latest')
  assert.equal(formatReference(withTag(parseReference('app:1'))), 'app:1')
  assert.equal(formatReference(withTag(parseReference(`app@${SHA256}`))), `app@${SHA256}`)
})

test('any text is read and written as it was, or refused', () => {
  const piece = fc.constantFrom(
    'a',
    'Z',
    '0',
    '.',
    '_',
    '-',
    '/',
    ':',
    '@',
    '[',
    ']',
    '..',
    '__',
    'sha256:',
    SHA256,
    ' ',
    '%',
    'localhost',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      const reference = attempt(() => parseReference(text))
      if (reference) assert.equal(formatReference(reference), text)
    }),
    { numRuns: 5000 },
  )
})

function attempt(read: () => Reference): Reference | undefined {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error))
    return undefined
  }
}

test('a digest is refused with what is so', () => {
  assert.equal(parseDigest(SHA512), SHA512)
  for (const [text, fact] of [
    [SHA256.replace('sha256', 'sha512'), /it has 64 digits/],
    [`sha256:${'F'.repeat(64)}`, /its digits are in upper case/],
    [`sha256:${'g'.repeat(64)}`, /characters that are no hexadecimal digits/],
    [`sha256+b64u:${'a'.repeat(43)}`, /"sha256\+b64u" is an algorithm/],
    ['sha256', /it is not an algorithm, a colon/],
    [`${SHA256}\n`, /it is not an algorithm/],
    [`constructor:${'f'.repeat(64)}`, /"constructor" is an algorithm that/],
  ] as const)
    assert.throws(() => parseDigest(text), { name: 'RangeError', message: fact })
})

test('what is hashed piece by piece has the digest that it has as a whole', () => {
  for (const digest of [digestOf('ab'), digestOf('ab', 'sha512')]) {
    assert.equal(digestFrom(hasherOf(digest).update('a').update('b'), algorithmOf(digest)), digest)
    assert.equal(`${algorithmOf(digest)}:${encodedOf(digest)}`, digest)
  }
})
