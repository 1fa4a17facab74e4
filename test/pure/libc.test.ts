/** System calls that are refused to everybody, root included: none of these does anything. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SyscallError } from '../../src/kernel/error.ts'
import { RLIMIT_NOFILE } from '../../src/kernel/constants.ts'
import { calls, setSoftLimit } from '../../src/kernel/libc.ts'

const directory = mkdtempSync(join(tmpdir(), 'libc-'))
after(() => rmSync(directory, { recursive: true }))

const MISSING = '/no/such/place'
const DENIED = ['EPERM', 'EACCES']
const isRoot = process.geteuid?.() === 0

type Refused = { [C in keyof typeof calls]: [call: C, args: Parameters<(typeof calls)[C]>, code: string] }

/** Without privilege some of them are EPERM before anything else is looked at. */
const REFUSED: Refused[keyof Refused][] = [
  ['chroot', [MISSING], 'ENOENT'],
  ['chdir', [MISSING], 'ENOENT'],
  ['chdir', ['/dev/null'], 'ENOTDIR'],
  ['unshare', [1], 'EINVAL'],
  ['setns', ['/dev/null', 0], 'EINVAL'],
  ['sethostname', ['x'.repeat(65)], 'EINVAL'],
  ['mount', ['none', MISSING, 'tmpfs', 0, ''], 'ENOENT'],
  ['umount2', [MISSING, 0], 'ENOENT'],
  ['pivot_root', [MISSING, MISSING], 'ENOENT'],
  ['open_tree', [0, MISSING, 1], 'ENOENT'],
  ['move_mount', [63, '/'], 'EBADF'],
  ['mount_setattr', [63, 0, 1, 0, ''], 'EBADF'],
  ['mknod', [MISSING, 0o020666, 0x103], 'ENOENT'],
  ['prctl', [-1, 0, 0], 'EINVAL'],
  ['fcntl', [-1, 2, 0], 'EBADF'],
  ['signal', [-1, 0], 'EINVAL'],
  ['mkdir', [`${MISSING}/x`, 0o755], 'ENOENT'],
  ['mkdir', ['/proc', 0o755], 'EEXIST'],
  ['rmdir', [MISSING], 'ENOENT'],
  ['symlink', ['x', '/proc'], 'EEXIST'],
  ['write', [`${directory}/new`, 'x'], 'ENOENT'],
  ['remove_cgroup', [directory], 'ENOENT'],
  ['dissolve_cgroup', [MISSING], 'ENOENT'],
  ['unlink_empty', [`${MISSING}/a/b`, MISSING], 'ENOENT'],
]
for (const [call, args, code] of REFUSED)
  test(`${call} throws a SyscallError that is read from errno when the kernel says ${code}`, () => {
    const error = thrown(() => (calls[call] as (...args: unknown[]) => void)(...args))
    assert.ok(error instanceof SyscallError, String(error))
    assert.equal(error.syscall, call)
    const expected = !isRoot && DENIED.includes(error.code) ? error.code : code
    assert.deepEqual([error.code, -error.errno], [expected, (constants.errno as Record<string, number>)[expected]])
    assert.deepEqual(error.args, args)
  })

test('every call is refused once in the table above when it can be refused harmlessly', () => {
  const tried = new Set(REFUSED.map(([call]) => call))
  const untried = Object.keys(calls).filter((call) => !tried.has(call as keyof Refused))
  assert.deepEqual(untried, ['execvpe'])
})

/** Sections 2 and 3 of the manual; those two that are made up of several have no page. */
const MANUAL =
  'chroot chdir unshare sethostname mount umount2 pivot_root open_tree move_mount mount_setattr mknod prctl fcntl signal mkdir rmdir symlink write setns execvpe'

test('every call has the name of its man page when it has one', () => {
  assert.deepEqual(
    Object.keys(calls).sort(),
    [...MANUAL.split(' '), 'remove_cgroup', 'dissolve_cgroup', 'unlink_empty'].sort(),
  )
})

test('a call refuses an argument with a NUL byte, and makes no call, when C would cut it off', () => {
  const secret = join(directory, 'kept')
  writeFileSync(secret, 'kept')
  const cut = `${secret}\0.bak`
  const nul = { name: 'TypeError', message: /holds a NUL byte, which ends a string in C$/ }
  assert.throws(() => calls.chdir('/\0x'), nul)
  assert.throws(() => calls.mount('none', '/no\0', 'tmpfs', 0, ''), nul)
  assert.throws(() => calls.execvpe('/bin/false', ['false', 'a\0b'], []), nul)
  assert.throws(() => calls.execvpe('/bin/false', ['false'], ['A=\0']), nul)
  for (const call of [calls.rmdir, (path: string) => calls.mkdir(path, 0o755), (path: string) => calls.write(path, '')])
    assert.throws(() => call(cut), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' })
  assert.equal(statSync(secret).size, 4)
})

test('setns says which file is missing when the namespace is that of nobody', () => {
  const error = thrown(() => calls.setns(MISSING, 0)) as SyscallError
  assert.deepEqual([error.syscall, error.code, error.args[0]], ['setns', 'ENOENT', MISSING])
  assert.match(String(error.cause), /open '\/no\/such\/place'/)
})

writeFileSync(join(directory, 'closed'), '', { mode: 0o644 })
writeFileSync(join(directory, 'text'), 'no program', { mode: 0o755 })

mkdirSync(join(directory, 'later'))
writeFileSync(join(directory, 'later/closed'), 'no program', { mode: 0o755 })

const SEARCHES: [what: string, file: string, path: string, code: string][] = [
  ['no directory of PATH has the file', 'closed', '/no/such:/dev', 'ENOENT'],
  ['PATH names a file where a directory should be', 'closed', '/dev/null', 'ENOENT'],
  ['one directory has it, and it may not be executed', 'closed', `/no/such:${directory}:/dev`, 'EACCES'],
  [
    'one has it that may not be executed, and a later one has no program',
    'closed',
    `${directory}:${directory}/later`,
    'ENOEXEC',
  ],
  ['one directory has it, and it is no program', 'text', `/no/such:${directory}:/dev`, 'ENOEXEC'],
  ['the name is a path to nothing', `${directory}/nothing`, directory, 'ENOENT'],
  ['the name is a path, whatever PATH says', `${directory}/closed`, '/no/such', 'EACCES'],
]
for (const [what, file, path, code] of SEARCHES)
  test(`execvpe says ${code} when ${what}`, () => {
    const search = (): unknown => calls.execvpe(file, [file], ['A=1', `PATH=${path}`])
    assert.throws(search, { name: 'SyscallError', syscall: 'execve', code, args: [file] })
  })

test('execvpe searches /bin and /usr/bin when there is no PATH', () => {
  assert.throws(() => calls.execvpe('no-such-program', ['x'], []), { code: 'ENOENT' })
})

/** `Max open files  1024  524288  files`: proc_pid_limits(5). */
const openFiles = (): string[] =>
  /^Max open files +(\S+) +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.slice(1) ?? []

test('setSoftLimit changes the soft limit alone, and stops at the hard one, when it is asked for more', () => {
  const [, hard = ''] = openFiles()
  setSoftLimit(RLIMIT_NOFILE, 500n)
  assert.deepEqual(openFiles(), ['500', hard])
  setSoftLimit(RLIMIT_NOFILE, 1n << 62n)
  assert.deepEqual(openFiles(), [hard, hard])
})

test('setSoftLimit throws a SyscallError when there is no such limit', () => {
  assert.throws(() => setSoftLimit(999, 1n), { name: 'SyscallError', syscall: 'getrlimit', code: 'EINVAL' })
})

function thrown(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}
