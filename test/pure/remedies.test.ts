import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { test } from 'node:test'
import { environmentOf } from '../../src/kernel/proc.ts'
import { box, host, type Step } from '../../src/plan/plan.ts'
import { remedyFor, userNamespaceRemedy } from '../../src/workshop/remedies.ts'

const step = (draft: ReturnType<typeof box>): Step => ({ ...draft, lesson: 1 })
const STEPS = {
  execvpe: step(box('execvpe', ['sh', ['sh'], []], '')),
  unshare: step(box('unshare', [0], '')),
  write: step(host('write', ['/cg/pids.max', '1'], '')),
  mount: step(box('mount', ['', '', '', 0, ''], '')),
}

const wsl = /microsoft/i.test(release())

const VECTORS: [call: keyof typeof STEPS, code: string, remedy: RegExp][] = [
  ['execvpe', 'EACCES', /noexec: set BOXWRIGHT_IMAGES/],
  ['write', 'EROFS', /read-only: mount -o remount,rw \/sys\/fs\/cgroup$/],
  ['unshare', 'EINVAL', /built without that namespace$/],
  ['unshare', 'ENOSPC', /max_\*_namespaces/],
  ['write', 'EBUSY', /Delegate=yes/],
  ['write', 'ENOENT', wsl ? /\.wslconfig$/ : /does not have that limit: leave it out$/],
  ['write', 'EINVAL', /does not take that value/],
  ['write', 'ERANGE', /no such processor: see nproc$/],
  ['mount', 'EINVAL', /^The man page says when that can be: man 2 mount$/],
  ['mount', 'ENOENT', /man 2 mount$/],
  ['unshare', 'EUSERS', /man 2 unshare$/],
]
for (const [call, code, remedy] of VECTORS)
  test(`remedyFor says ${remedy.source} when ${call} gave ${code}`, () => {
    assert.match(remedyFor(STEPS[call], code), remedy)
  })

/** The same three questions, asked in another way. */
const isRoot = process.getuid?.() === 0
const isContainer =
  existsSync('/.dockerenv') ||
  existsSync('/run/.containerenv') ||
  environmentOf(1).some((one) => one.startsWith('container='))

test('remedyFor sends root to what forbids it when a call was denied', { skip: !isRoot && 'this is not root' }, () => {
  const remedy = isContainer ? /--privileged --cgroupns=private$/ : /a seccomp filter, or a security module/
  assert.match(remedyFor(STEPS.mount, 'EPERM'), remedy)
})

/** As nobody for as long as it takes, where this is root. */
function asNobody<T>(run: () => T): T {
  if (!isRoot) return run()
  process.seteuid?.(65_534)
  try {
    return run()
  } finally {
    process.seteuid?.(0)
  }
}

test('remedyFor says sudo when a call was denied to somebody who is not root', () => {
  for (const code of ['EPERM', 'EACCES'])
    assert.match(
      asNobody(() => remedyFor(STEPS.mount, code)),
      /^Run it with sudo; without root is lesson 6$/,
    )
})

test('userNamespaceRemedy has an answer, whoever asks', () => {
  const answer = /AppArmor|sysctl -w|seccomp filter|built without user namespaces/
  assert.match(userNamespaceRemedy(), answer)
  assert.match(asNobody(userNamespaceRemedy), answer)
})
