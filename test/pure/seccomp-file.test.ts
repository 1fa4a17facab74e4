import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSeccomp, readSeccomp } from '../../src/oci/seccomp-file.ts'
import { ARCHITECTURE } from '../../src/kernel/syscalls.ts'

test('parseSeccomp keeps all 64 bits of a value when JSON would round it', () => {
  const text = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kill", "9007199254740993"], "action": "SCMP_ACT_ERRNO",
    "errnoRet": 13, "args": [{"index": 1, "value": 9007199254740993, "valueTwo": 18446744073709551615, "op": "SCMP_CMP_MASKED_EQ"}]}]}`
  assert.deepEqual(parseSeccomp(text, []), {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      {
        names: ['kill', '9007199254740993'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: 13,
        args: [{ index: 1, value: 9007199254740993n, valueTwo: 18446744073709551615n, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ],
  })
})

test("parseSeccomp takes a rule of Docker's when its conditions hold for the box", () => {
  const here = ARCHITECTURE === 'aarch64' ? 'arm64' : 'amd64'
  const rule = (name: string, more: object): object => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    args: null,
    ...more,
  })
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [],
    syscalls: [
      rule('a', { includes: { caps: ['CAP_SYS_ADMIN'] } }),
      rule('b', { excludes: { caps: ['CAP_SYS_ADMIN'] } }),
      rule('c', { includes: { arches: [here] } }),
      rule('d', { excludes: { arches: [here] } }),
      rule('e', { includes: { minKernel: '4.8' } }),
    ],
  })
  const names = (profile: ReturnType<typeof parseSeccomp>): string[] =>
    (profile.syscalls ?? []).flatMap(({ names }) => names)
  assert.deepEqual(names(parseSeccomp(text, [])), ['b', 'c', 'e'])
  assert.deepEqual(names(parseSeccomp(text, ['CAP_SYS_ADMIN'])), ['a', 'c', 'e'])
})

const BAD: [text: string, message: RegExp][] = [
  ['', /JSON/],
  ['[]', /^it is not an object/],
  ['{}', /^defaultAction is undefined, and not one of SCMP_ACT_KILL,/],
  ['{"defaultAction": "SCMP_ACT_NOTIFY"}', /^defaultAction is "SCMP_ACT_NOTIFY", and nobody listens here/],
  ['{"defaultAction": "SCMP_ACT_MAYBE"}', /^defaultAction is "SCMP_ACT_MAYBE"/],
  ['{"defaultAction": "SCMP_ACT_LOG", "defaultErrnoRet": -1}', /^defaultErrnoRet is not an errno/],
  ['{"defaultAction": "SCMP_ACT_LOG", "flags": ["TSYNC"]}', /^flags is "TSYNC"/],
  ['{"defaultAction": "SCMP_ACT_LOG", "syscalls": {}}', /^syscalls is not a list/],
  ['{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["a"]}]}', /^syscalls\[0\]\.action is undefined/],
  ...['{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}', '{"value": 0, "op": "SCMP_CMP_EQ"}'].map(
    (arg): [string, RegExp] => [
      `{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG", "args": [${arg}]}]}`,
      /^syscalls\[0\]\.args\[0\]\.index is not one of the six arguments/,
    ],
  ),
  ...['-1', '1.5', '18446744073709551616', '"x"'].map((value): [string, RegExp] => [
    `{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": ${value}, "op": "SCMP_CMP_EQ"}]}]}`,
    /^syscalls\[0\]\.args\[0\]\.value is not a number of 64 bits/,
  ]),
]
for (const [text, message] of BAD)
  test(`parseSeccomp throws when the profile is ${text || 'empty'}`, () => {
    assert.throws(() => parseSeccomp(text, []), { message })
  })

test('readSeccomp names the file when it is not there', () => {
  assert.throws(() => readSeccomp('/no/such.json', []), {
    message: /^Cannot use the seccomp profile "\/no\/such\.json": ENOENT/,
  })
})
