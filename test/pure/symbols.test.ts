import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Step } from '../../src/plan/plan.ts'
import { symbolic } from '../../src/plan/symbols.ts'
import * as constants from '../../src/kernel/constants.ts'

type Call = { [C in Step['call']]: Pick<Extract<Step, { call: C }>, 'call' | 'args'> }[Step['call']]
const written = (call: Call): string => symbolic({ ...call, lane: 'box', why: '', lesson: 1 })

const VECTORS: [call: Call, text: string][] = [
  [{ call: 'chroot', args: ['/r'] }, 'chroot(/r)'],
  [{ call: 'chdir', args: [''] }, "chdir('')"],
  [{ call: 'unshare', args: [0] }, 'unshare(0)'],
  [{ call: 'unshare', args: [0x00020000] }, 'unshare(CLONE_NEWNS)'],
  [{ call: 'unshare', args: [0x10000000] }, 'unshare(CLONE_NEWUSER)'],
  [{ call: 'unshare', args: [0x60000000] }, 'unshare(CLONE_NEWNET|CLONE_NEWPID)'],
  [{ call: 'setns', args: ['/proc/self/ns/pid', 0x20000000] }, 'setns(/proc/self/ns/pid, CLONE_NEWPID)'],
  [{ call: 'setns', args: ['/x', 0] }, 'setns(/x, 0)'],
  [{ call: 'mount', args: ['proc', '/proc', 'proc', 0, ''] }, "mount(proc, /proc, proc, 0, '')"],
  [{ call: 'mount', args: ['none', '/', '', 0x44000, 'a=b,c'] }, "mount(none, /, '', MS_PRIVATE|MS_REC, a=b,c)"],
  [{ call: 'umount2', args: ['/x', 2] }, 'umount2(/x, MNT_DETACH)'],
  [{ call: 'mkdir', args: ['/x', 0o1777] }, 'mkdir(/x, 01777)'],
  [{ call: 'mknod', args: ['/dev/tty', 0o020620, 0x500] }, 'mknod(/dev/tty, S_IFCHR|0620, 5:0)'],
  [{ call: 'mknod', args: ['/dev/x', 0o020000, 0xfeff] }, 'mknod(/dev/x, S_IFCHR|00, 254:255)'],
  [{ call: 'write', args: ['/x/pids.max', '32'] }, 'write(/x/pids.max, 32)'],
  [{ call: 'execvpe', args: ['ls', ['ls', '-l', '/'], ['A=1', 'B=2']] }, 'execvpe(ls, ls -l /, 2 variables)'],
  [{ call: 'sethostname', args: ['a\nb'] }, 'sethostname("a\\nb")'],
  [{ call: 'sethostname', args: ['\x1b[31m'] }, 'sethostname("\\u001b[31m")'],
  [{ call: 'sethostname', args: ['bücher 箱'] }, 'sethostname(bücher 箱)'],
  [{ call: 'execvpe', args: ['sh', ['sh', '-c', 'a\tb'], []] }, 'execvpe(sh, "sh -c a\\tb", 0 variables)'],
]
for (const [call, text] of VECTORS)
  test(`symbolic writes ${text} when the call is ${call.call}`, () => assert.equal(written(call), text))

test('symbolic writes every flag by its name when flags are given one by one', () => {
  for (const [name, bit] of Object.entries(constants)) {
    if (name.startsWith('MS_'))
      assert.equal(written({ call: 'mount', args: ['', '', '', Number(bit), ''] }), `mount('', '', '', ${name}, '')`)
    if (name.startsWith('CLONE_')) assert.equal(written({ call: 'unshare', args: [Number(bit)] }), `unshare(${name})`)
  }
})
