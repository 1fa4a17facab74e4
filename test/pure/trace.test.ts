/** What strace writes, read again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTrace, unquote, type Traced } from '../../src/workshop/compare/trace.ts'
import { seeded } from './random.ts'

const LINES: Record<string, { line: string; call: Omit<Traced, 'pid'> | undefined }> = {
  'it has no arguments': { line: '1 setsid() = 1', call: { call: 'setsid', args: [], result: '1' } },
  'it failed': {
    line: '1 mkdirat(6</>, "proc", 0755)       = -1 EEXIST (File exists)',
    call: { call: 'mkdirat', args: ['6</>', '"proc"', '0755'], result: '-1 EEXIST (File exists)', error: 'EEXIST' },
  },
  'it was interrupted': {
    line: '1 read(3, 0xc0, 32768) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
    call: {
      call: 'read',
      args: ['3', '0xc0', '32768'],
      result: '? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      error: 'ERESTARTSYS',
    },
  },
  'it never returned': { line: '1 exit_group(0) = ?', call: { call: 'exit_group', args: ['0'], result: '?' } },
  'a string in it holds brackets, commas and quotes': {
    line: String.raw`1 write(3</a,b>, "{\"x\": (1, 2\\\"", 4) = 4`,
    call: { call: 'write', args: ['3</a,b>', String.raw`"{\"x\": (1, 2\\\""`, '4'], result: '4' },
  },
  'it opens a file': {
    line: '1 openat(AT_FDCWD</b>, "c", O_RDONLY) = 3</b/c>',
    call: { call: 'openat', args: ['AT_FDCWD</b>', '"c"', 'O_RDONLY'], result: '3</b/c>' },
  },
  'it has a list and a comment': {
    line: '1 execve("/usr/sbin/true", ["true", "a, b"], 0x55 /* 4 vars */) = 0',
    call: { call: 'execve', args: ['"/usr/sbin/true"', '["true", "a, b"]', '0x55 /* 4 vars */'], result: '0' },
  },
  'it has shifts': {
    line: '1 capset({version=3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_KILL, permitted=0}) = 0',
    call: {
      call: 'capset',
      args: ['{version=3, pid=0}', '{effective=1<<CAP_CHOWN|1<<CAP_KILL, permitted=0}'],
      result: '0',
    },
  },
  'it changes what it was given': {
    line: "1 clone3({flags=CLONE_NEWPID} => {parent_tid=[7]}, 88) = 7 /* 26 in strace's PID NS */",
    call: {
      call: 'clone3',
      args: ['{flags=CLONE_NEWPID} => {parent_tid=[7]}', '88'],
      result: "7 /* 26 in strace's PID NS */",
    },
  },
  'it is a signal': { line: '1 --- SIGCHLD {si_signo=SIGCHLD, si_status=0} ---', call: undefined },
  'it is an end': { line: '1 +++ exited with 0 +++', call: undefined },
  'it is a death': { line: '1 +++ killed by SIGKILL +++', call: undefined },
  'another thread has started a program': { line: '1 +++ superseded by execve in pid 7 +++', call: undefined },
  'the trace ends in it': { line: '1 mount("proc", "/pr', call: undefined },
}

for (const [what, { line, call }] of Object.entries(LINES))
  test(`a line of a trace is read when ${what}`, () => {
    assert.deepEqual(parseTrace(line), call ? [{ pid: 1, ...call }] : [])
  })

test('two halves of a call are one when another process has come in between', () => {
  const trace = parseTrace(
    ['10 recvfrom(3,  <unfinished ...>', '11 chdir("/" <unfinished ...>', '10 <... recvfrom resumed>"x", 8) = 1'].join(
      '\n',
    ),
  )
  assert.deepEqual(trace, [{ pid: 10, call: 'recvfrom', args: ['3', '"x"', '8'], result: '1' }])
})

test('every call is read, in the order of the answers, when random ones are interrupted', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 200; round += 1) {
    const [lines, expected] = [[] as string[], [] as Traced[]]
    const begun = new Map<number, string>()
    const answer = (pid: number): void => {
      const path = begun.get(pid)
      if (path === undefined) return
      begun.delete(pid)
      lines.push(`${pid} <... chdir resumed>) = 0`)
      expected.push({ pid, call: 'chdir', args: [path], result: '0' })
    }
    for (const pid of random.list(20, () => 1 + random.below(4))) {
      answer(pid)
      begun.set(pid, `"/${random.text(4)}"`)
      lines.push(`${pid} chdir(${begun.get(pid) ?? ''} <unfinished ...>`)
      if (random.below(2)) answer(1 + random.below(4))
    }
    assert.deepEqual(parseTrace(lines.join('\n')), expected)
  }
})

test('a string is what the program had when strace has written it with escapes', () => {
  for (const [quoted, text] of [
    ['"/proc"', '/proc'],
    [String.raw`"a\n\t\"\\\0"`, 'a\n\t"\\\0'],
    [String.raw`"\x7c\303"`, '\x7c\xc3'],
    ['"cut off"...', 'cut off'],
    ['NULL', 'NULL'],
  ] as const)
    assert.equal(unquote(quoted), text)
})
