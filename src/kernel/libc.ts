/**
 * The kernel's system calls, under their own names and in their own argument order: the man page is the manual.
 * Every call is synchronous and made by the main thread, since namespaces belong to the thread that asked for them.
 * This is the one file that loads `ffi-napi`.
 */
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type Ffi from 'ffi-napi'
import type Ref from 'ref-napi'
import { callsOfNode, throughNode } from './calls-of-node.ts'
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  LOCK_EX,
  MOVE_MOUNT_F_EMPTY_PATH,
  MSG_DONTWAIT,
  OPEN_TREE_CLOEXEC,
  SYS,
} from './constants.ts'
import { SyscallError } from './error.ts'

const { EACCES, ENOENT, ENOTDIR } = constants.errno

/** Both are CommonJS. Imported, they would be read twice, once for their names alone: 36 ms of every run (measured). */
const require = createRequire(import.meta.url)
const ffi = require('ffi-napi') as typeof Ffi
const ref = require('ref-napi') as typeof Ref

/** It gives every Buffer a method `address`, and lmdb keeps a number under that name: together they would end the process. */
delete (Buffer.prototype as { address?: unknown }).address

/** No library is named: the symbols are those of the C library that Node itself was linked with, glibc or musl. */
const libc = ffi.Library(null, {
  chroot: ['int', ['string']],
  chdir: ['int', ['string']],
  unshare: ['int', ['int']],
  setns: ['int', ['int', 'int']],
  sethostname: ['int', ['string', 'size_t']],
  mount: ['int', ['string', 'string', 'string', 'ulong', 'string']],
  umount2: ['int', ['string', 'int']],
  execve: ['int', ['string', 'pointer', 'pointer']],
  prctl: ['int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']],
  fcntl: ['int', ['int', 'int', 'int']],
  signal: ['long', ['int', 'ulong']],
  getrlimit: ['int', ['int', 'pointer']],
  setrlimit: ['int', ['int', 'pointer']],
  socket: ['int', ['int', 'int', 'int']],
  send: ['long', ['int', 'pointer', 'size_t', 'int']],
  recv: ['long', ['int', 'pointer', 'size_t', 'int']],
  flock: ['int', ['int', 'int']],
})

/** syscall(2) takes whatever the call takes, so each use of it has a signature of its own. */
const syscall = ffi.DynamicLibrary().get('syscall')
const pivotRoot = ffi.ForeignFunction(syscall, 'long', ['long', 'string', 'string'])
const mknodat = ffi.ForeignFunction(syscall, 'long', ['long', 'int', 'string', 'uint', 'ulong'])

const openTreeAt = ffi.ForeignFunction(syscall, 'long', ['long', 'int', 'string', 'uint'])
const moveMount = ffi.ForeignFunction(syscall, 'long', ['long', 'int', 'string', 'int', 'string', 'uint'])
const mountSetattr = ffi.ForeignFunction(syscall, 'long', ['long', 'int', 'string', 'uint', 'pointer', 'size_t'])

// #region checked
/** Makes a C function throw what errno says. errno is read in the very next statement: any call between would spoil it. */
function checked<A extends unknown[]>(name: string, call: (...args: A) => number | string): (...args: A) => void {
  return (...args) => {
    refuseNul(name, args)
    const result = call(...args)
    const errno = ffi.errno()
    if (Number(result) === -1) throw new SyscallError(name, args, errno)
  }
}
// #endregion checked

/** For C a string ends at its first NUL byte: the call would be made with another path than the one that was given. */
function refuseNul(name: string, args: readonly unknown[]): void {
  const bad = args.flat().find((arg) => typeof arg === 'string' && arg.includes('\0'))
  if (bad !== undefined)
    throw new TypeError(`Cannot ${name} ${JSON.stringify(bad)}: it holds a NUL byte, which ends a string in C`)
}

// #region calls
export const calls = {
  chroot: checked('chroot', (path: string) => libc.chroot(path)),
  chdir: checked('chdir', (path: string) => libc.chdir(path)),
  unshare: checked('unshare', (flags: number) => libc.unshare(flags)),
  sethostname: checked('sethostname', (name: string) => libc.sethostname(name, Buffer.byteLength(name))),
  mount: checked('mount', (source: string, target: string, fstype: string, flags: number, data: string) =>
    libc.mount(source, target, fstype, flags, data),
  ),
  umount2: checked('umount2', (target: string, flags: number) => libc.umount2(target, flags)),
  pivot_root: checked('pivot_root', (newRoot: string, putOld: string) => pivotRoot(SYS.pivot_root, newRoot, putOld)),
  open_tree: (slot: number, path: string, flags: number) => openTree(slot, path, flags),
  move_mount: checked('move_mount', (slot: number, target: string) =>
    moveMount(SYS.move_mount, slots.get(slot) ?? -1, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH),
  ),
  mount_setattr: checked('mount_setattr', (slot: number, flags: number, set: number, clear: number, _users: string) =>
    mountSetattr(SYS.mount_setattr, slots.get(slot) ?? -1, '', AT_EMPTY_PATH | flags, mountAttributes(set, clear), 32),
  ),
  mknod: checked('mknod', (path: string, mode: number, dev: number) => mknodat(SYS.mknodat, AT_FDCWD, path, mode, dev)),
  prctl: checked('prctl', (option: number, arg2: number, arg3: number) => libc.prctl(option, arg2, arg3, 0, 0)),
  fcntl: checked('fcntl', (fd: number, command: number, value: number) => libc.fcntl(fd, command, value)),
  signal: checked('signal', (signum: number, handler: number) => libc.signal(signum, handler)),
  // #endregion calls

  ...callsOfNode,
  /** setns(2), given the namespace's path where the kernel wants a descriptor of it. */
  setns: throughNode('setns', (path: string, nstype: number) => setns(path, nstype)),
  /** exec(3): execve(2) in each directory of the PATH in `envp`, until one succeeds. Returns only by throwing. */
  execvpe: (file: string, argv: string[], envp: string[]) => execvpe(file, argv, envp),
}

/** Descriptors that one step opens and a later one needs, by the number that the plan gives them. */
const slots = new Map<number, number>()

function openTree(slot: number, path: string, flags: number): void {
  const fd = Number(openTreeAt(SYS.open_tree, AT_FDCWD, path, flags | OPEN_TREE_CLOEXEC))
  const errno = ffi.errno()
  if (fd === -1) throw new SyscallError('open_tree', [slot, path, flags], errno)
  slots.set(slot, fd)
}

/** `struct mount_attr` of mount_setattr(2), without a user namespace. */
function mountAttributes(set: number, clear: number): Buffer {
  const attributes = Buffer.alloc(32)
  attributes.writeBigUInt64LE(BigInt(set), 0)
  attributes.writeBigUInt64LE(BigInt(clear), 8)
  return attributes
}

const setnsChecked = checked('setns', (fd: number, nstype: number) => libc.setns(fd, nstype))

function setns(path: string, nstype: number): void {
  const fd = openSync(path, 'r')
  try {
    setnsChecked(fd, nstype)
  } finally {
    closeSync(fd)
  }
}

// #region execvpe
function execvpe(file: string, argv: string[], envp: string[]): never {
  refuseNul('execute', [file, argv, envp])
  const [argvPointers, envpPointers] = [pointers(argv), pointers(envp)]
  let verdict: number = ENOENT
  for (const candidate of candidates(file, envp)) {
    libc.execve(candidate, argvPointers, envpPointers)
    const errno = ffi.errno()
    if (errno === ENOENT || errno === ENOTDIR) continue
    verdict = errno
    if (errno !== EACCES) break
  }
  throw new SyscallError('execve', [file], verdict)
}
// #endregion execvpe

/** Where exec(3) looks: a name with a slash in it is a path; any other is tried in each directory of PATH. */
function candidates(file: string, envp: readonly string[]): string[] {
  if (file.includes('/')) return [file]
  const path = envp.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '/bin:/usr/bin'
  return path.split(':').map((directory) => `${directory || '.'}/${file}`)
}

/** A C array of strings, ended by a null pointer. The buffers stay reachable through ref's own table. */
function pointers(strings: readonly string[]): Buffer {
  const block = Buffer.alloc((strings.length + 1) * ref.sizeof.pointer)
  strings.forEach((string, n) => ref.writePointer(block, n * ref.sizeof.pointer, ref.allocCString(string)))
  return block
}

/** setrlimit(2) for the soft limit alone. The hard one stays; a soft one above it is lowered to it. */
export function setSoftLimit(resource: number, soft: bigint): void {
  const limits = Buffer.alloc(16)
  if (libc.getrlimit(resource, limits) === -1) throw new SyscallError('getrlimit', [resource], ffi.errno())
  const hard = limits.readBigUInt64LE(8)
  limits.writeBigUInt64LE(soft < hard ? soft : hard, 0)
  if (libc.setrlimit(resource, limits) === -1) throw new SyscallError('setrlimit', [resource, soft], ffi.errno())
}

// #region sockets
/** socket(2), send(2), recv(2), for the kernel's own kinds, which Node has none of. */
export const socket = (domain: number, type: number, protocol: number): number =>
  counted('socket', [domain, type, protocol], libc.socket(domain, type, protocol))

export const send = (fd: number, bytes: Buffer): number =>
  counted('send', [fd], Number(libc.send(fd, bytes, bytes.length, 0)))

/** @returns the next datagram, when it is there already. @throws SyscallError EAGAIN when it is not. */
export function recv(fd: number): Buffer {
  const bytes = Buffer.alloc(65_536)
  return bytes.subarray(0, counted('recv', [fd], Number(libc.recv(fd, bytes, bytes.length, MSG_DONTWAIT))))
}
// #endregion sockets

/** Waits until nobody else holds the lock; it goes with the descriptor, and so with the process: flock(2). */
export const flock = (fd: number): number => counted('flock', [fd], libc.flock(fd, LOCK_EX))

/** errno is read before anything else is called. */
function counted(name: string, args: readonly unknown[], result: number): number {
  const errno = ffi.errno()
  if (result === -1) throw new SyscallError(name, args, errno)
  return result
}
