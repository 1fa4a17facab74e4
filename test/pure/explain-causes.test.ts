import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRNO } from '../../src/kernel/error.ts'
import * as kernel from '../../src/kernel/constants.ts'
import { causes } from '../../src/workshop/explain/causes.ts'
import { bestOf, callOf, explain } from '../../src/workshop/explain/explain.ts'
import { parseQuestion } from '../../src/workshop/explain/question.ts'
import { errorTitle, report } from '../../src/workshop/explain/report.ts'
import { imaginary, injections } from '../kernel/injections/all.ts'
import { IMAGINED, nobody, scene, WELL } from './imagined.ts'

for (const [name, { attempt, code, fact, remedy, fine: args }] of Object.entries(IMAGINED)) {
  test(`explain names ${name} first when the scene is made up so`, () => {
    const [first] = explain(attempt, code)
    assert.equal(first?.name, name)
    assert.match(first.fault?.fact ?? '', fact)
    assert.match(first.fault?.remedy ?? '', remedy)
  })

  test(`explain does not name ${name} when nothing is wrong`, () => {
    const fine = { ...attempt, ...(args && { args }), scene: scene({ files: WELL }) }
    assert.notEqual(explain(fine, code).find((one) => one.name === name)?.verdict, 'false')
  })
}

test('every cause is made for real, or imagined with a reason, and nothing else is', () => {
  const names = causes.map(({ name }) => name)
  assert.deepEqual(new Set(names).size, names.length, 'a name is given twice')
  assert.deepEqual([...Object.keys(injections), ...Object.keys(imaginary)].sort(), [...names].sort())
  assert.deepEqual(Object.keys(IMAGINED).sort(), Object.keys(imaginary).sort())
  assert.ok(names.length >= 30)
})

test('every cause has errors that there are, a sentence, and a page that says so', () => {
  for (const { name, codes, calls, precondition, man } of causes) {
    assert.ok(codes.length > 0 && calls.length > 0, name)
    for (const code of codes) assert.ok(code in ERRNO, `${name}: ${code}`)
    assert.match(precondition, /^[A-Z].*[^.]$/, name)
    assert.match(man, /^[\w-]+(\(\d\)|\.rst)[:;] \S/, name)
  }
})

test('explain knows nothing of a call for which nothing was given, and invents no fault', () => {
  for (const cause of causes)
    for (const call of cause.calls)
      for (const one of explain({ call, args: [], scene: scene() })) assert.notEqual(one.verdict, 'false', one.name)
})

test('explain says that it does not know when a probe cannot look', () => {
  const broken = scene({
    look: () => {
      throw new Error('nothing to be seen')
    },
  })
  const findings = explain({ call: 'pivot_root', args: ['.', '.'], scene: broken }, 'EINVAL')
  assert.ok(findings.length > 0)
  assert.ok(findings.every(({ verdict }) => verdict !== 'false'))
  assert.ok(findings.some(({ verdict }) => verdict === 'unknown'))
})

test('explain tells what is false before what is not known, and that before what is so', () => {
  const findings = explain({ call: 'mount', args: [], scene: scene(nobody) }, 'EPERM')
  const order = ['false', 'unknown', 'so']
  const ranks = findings.map(({ verdict }) => order.indexOf(verdict))
  assert.deepEqual(ranks, [...ranks].sort())
  assert.equal(bestOf(findings)?.remedy, 'Run it with sudo; without root is lesson 6')
})

test('explain sends root to the container that it is in when it lacks a right', () => {
  const files = { '/proc/1/environ': 'PATH=/bin\0container=lxc\0' }
  const best = bestOf(explain({ call: 'mount', args: [], scene: scene({ capabilities: 0n, files }) }, 'EPERM'))
  assert.match(best?.remedy ?? '', /--privileged --cgroupns=private$/)
})

test('callOf gives the name of the man page when the plan has another', () => {
  assert.deepEqual(['execvpe', 'remove_cgroup', 'mount'].map(callOf), ['execve', 'rmdir', 'mount'])
})

const { MS_BIND, MS_REC, S_IFCHR } = kernel
const QUESTIONS: Record<string, [words: string[], expected: object]> = {
  'a call and an error': [['pivot_root', 'EINVAL'], { calls: ['pivot_root'], code: 'EINVAL', args: [] }],
  'an error by its number': [['chroot', '20'], { calls: ['chroot'], code: 'ENOTDIR', args: [] }],
  'an error in small letters': [['chroot', 'enotdir'], { calls: ['chroot'], code: 'ENOTDIR', args: [] }],
  'an error before its call': [['EBUSY', 'umount'], { calls: ['umount2'], code: 'EBUSY', args: [] }],
  'arguments without an error': [['chroot', '/x'], { calls: ['chroot'], args: ['/x'] }],
  'flags by name': [
    ['mount', 'EINVAL', 'none', '/a', '', 'MS_BIND|MS_REC', ''],
    { calls: ['mount'], code: 'EINVAL', args: ['none', '/a', '', MS_BIND | MS_REC, ''] },
  ],
  'a device in octal and in numbers': [
    ['mknod', 'EPERM', '/n', 'S_IFCHR|0666', '1:3'],
    { calls: ['mknod'], code: 'EPERM', args: ['/n', S_IFCHR | 0o666, 259] },
  ],
}
for (const [name, [words, expected]] of Object.entries(QUESTIONS))
  test(`parseQuestion understands ${name}`, () => assert.deepEqual(parseQuestion(words), expected))

test('parseQuestion asks of all calls when an error alone is given', () => {
  const { calls, code } = parseQuestion(['22'])
  assert.equal(code, 'EINVAL')
  assert.ok(['mount', 'pivot_root', 'unshare', 'write', 'fork'].every((call) => (calls as string[]).includes(call)))
})

test('parseQuestion names what it does not understand', () => {
  assert.throws(() => parseQuestion(['EFOO']), /^Complaint: Cannot explain "EFOO": .+\n {2}\S/)
  assert.throws(() => parseQuestion(['mount', 'EINVAL', 'a', 'b', 'c', 'MS_FOO']), /Cannot read the flag "MS_FOO": /)
  assert.throws(() => parseQuestion(['mknod', 'EPERM', 'a', '0', '1-3']), /Cannot read the device "1-3": /)
})

test('report keeps to 80 columns and loses no word when a fact is very long', () => {
  const long = 'x'.repeat(200)
  const about = { name: 'a/b', precondition: 'It is so', man: 'mount(2): words', call: 'mount' } as const
  const text = report([{ ...about, verdict: 'false', fault: { fact: `it is "${long}"`, remedy: 'do that' } }])
  assert.ok(text.split('\n').every((line) => line.length <= 80))
  assert.equal(text.replace(/\s/g, '').match(/x/g)?.length, 200)
  assert.match(text, /^mount\nno {3}It is so\n/)
})

test('errorTitle has name, number and meaning', () => {
  assert.equal(errorTitle('EINVAL'), 'EINVAL (22): invalid argument')
  assert.equal(errorTitle('ENOTBLK'), 'ENOTBLK (15): see errno(3)')
})
